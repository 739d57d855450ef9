#Requires -Version 5.1

<#
.SYNOPSIS
Installs a published program with jobs as a Windows service, or removes it.
.DESCRIPTION
Copies the program, makes its folder of data, a service with an account of its own (delayed start, restarts after a failure, its settings in the
service's environment), a token for savepoints that administrators may read, and a source in the event log. Run again with a newer Source it upgrades:
the service is stopped, which takes last checkpoints, the program is replaced, and the service is started. Needs an administrator.
.PARAMETER Source
The folder that was published: dotnet publish Host -c Release -r win-x64 -o FOLDER.
.PARAMETER Name
The service's name; its account is NT SERVICE\NAME.
.PARAMETER Program
Where the program is put.
.PARAMETER Data
Where checkpoints and the token lie. Neither an upgrade nor -Uninstall touches what is there.
.PARAMETER Executable
The program's file in Source; without its ending it is the source in the event log.
.PARAMETER Setting
Settings as environment variables, NAME=value, such as Weir__Kafka__BootstrapServers=broker:9092. They are added to those the service has, and replace those of the same name.
Administrators and the service can read them: they lie in the registry, where the script
takes the right to read from all others.
.PARAMETER NoStart
Leaves the service stopped.
.PARAMETER Uninstall
Stops and removes the service, the program and the event source; data stay.
.EXAMPLE
.\install-service.ps1 -Source .\published -Setting Weir__Kafka__BootstrapServers=broker:9092 -WhatIf
#>
[CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'Install')]
param(
    [Parameter(Mandatory, ParameterSetName = 'Install')] [string] $Source,
    [ValidatePattern('^[A-Za-z0-9_-]{1,80}$')] [string] $Name = 'Weir',
    [string] $Program = (Join-Path $env:ProgramFiles $Name),
    [Parameter(ParameterSetName = 'Install')] [string] $Data = (Join-Path $env:ProgramData $Name),
    [string] $Executable = 'weir.exe',
    [Parameter(ParameterSetName = 'Install')] [ValidatePattern('^[^=\s]+=')] [string[]] $Setting = @(),
    [Parameter(ParameterSetName = 'Install')] [switch] $NoStart,
    [Parameter(Mandatory, ParameterSetName = 'Uninstall')] [switch] $Uninstall
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'

# Windows' own groups by their numbers: their names depend on its language.
$system = '*S-1-5-18'
$administrators = '*S-1-5-32-544'
$account = "NT SERVICE\$Name"
$key = "HKLM:\SYSTEM\CurrentControlSet\Services\$Name"
# What the program calls itself in the event log: the name of its file.
$eventSource = [System.IO.Path]::GetFileNameWithoutExtension($Executable)
# Longer than the host's 30 s for its stop, of which jobs have 25 s for their last checkpoints.
$stopTimeout = [TimeSpan]::FromSeconds(40)

function Invoke-Tool([string] $tool, [string[]] $arguments) {
    $said = & $tool @arguments 2>&1
    if ($LASTEXITCODE -ne 0) { throw "$tool $($arguments -join ' ') ended with ${LASTEXITCODE}: $said" }
}

# Whoever inherits rights from the folder above has none: data hold what records hold.
function Grant-Right([string] $path, [string[]] $grants) {
    Invoke-Tool 'icacls.exe' (@($path, '/inheritance:r', '/grant:r') + $grants + '/q')
}

function Wait-Stop([System.ServiceProcess.ServiceController] $service) {
    if ($service.Status -ne 'Stopped') {
        if ($service.Status -ne 'StopPending') { $service.Stop() }
        $service.WaitForStatus('Stopped', $stopTimeout)
    }
}

# Those it has, with the new ones over them; the default of the folders among them, so that the program and its tools find the same.
function Join-Setting([string[]] $given) {
    $all = [ordered]@{}
    $kept = @()
    if (Test-Path $key) {
        $kept = @((Get-Item $key).GetValue('Environment', @()))
    }
    foreach ($line in @("Weir__Checkpoints__Directory=$Data\checkpoints", "Weir__Management__TokenFile=$Data\management.token", 'DOTNET_EnableDiagnostics=0') + $kept + $given) {
        $variable, $value = $line -split '=', 2
        $all[$variable] = $value
    }
    return [string[]] @($all.GetEnumerator() | ForEach-Object { "$($_.Key)=$($_.Value)" })
}

# The program would make one that only its own account may read; administrators are to take savepoints and stop jobs, too.
function Add-Token([string] $path) {
    if (Test-Path -LiteralPath $path) { return }
    $bytes = New-Object byte[] 32
    $chance = [System.Security.Cryptography.RandomNumberGenerator]::Create()
    $chance.GetBytes($bytes)
    $chance.Dispose()
    [System.IO.File]::WriteAllText($path, (-join ($bytes | ForEach-Object { $_.ToString('x2') })))
    Grant-Right $path @("${account}:(R)", "${administrators}:(F)", "${system}:(F)")
}

# The values may be passwords, and every user may read a service's key by default.
function Protect-Key {
    $rights = New-Object System.Security.AccessControl.RegistrySecurity
    $rights.SetAccessRuleProtection($true, $false)
    foreach ($sid in 'S-1-5-18', 'S-1-5-32-544') {
        $who = New-Object System.Security.Principal.SecurityIdentifier $sid
        $rights.AddAccessRule((New-Object System.Security.AccessControl.RegistryAccessRule $who, 'FullControl', 'ContainerInherit', 'None', 'Allow'))
    }
    Set-Acl -Path $key -AclObject $rights
}

$service = Get-Service -Name $Name -ErrorAction SilentlyContinue

if ($Uninstall) {
    if ($service -and $PSCmdlet.ShouldProcess($Name, 'stop and remove the service')) {
        Wait-Stop $service
        Invoke-Tool 'sc.exe' @('delete', $Name)
    }
    if ((Test-Path -LiteralPath (Join-Path $Program $Executable)) -and $PSCmdlet.ShouldProcess($Program, 'delete the program')) {
        Remove-Item -LiteralPath $Program -Recurse -Force
    }
    $eventKey = 'HKLM:\SYSTEM\CurrentControlSet\Services\EventLog\Application\' + $eventSource
    if ((Test-Path $eventKey) -and $PSCmdlet.ShouldProcess($eventKey, 'remove the source in the event log')) {
        Remove-Item -Path $eventKey -Recurse
    }
    return
}

$command = '"{0}" run' -f (Join-Path $Program $Executable)
$file = Join-Path $Source $Executable
if (-not (Test-Path -LiteralPath $file)) { throw "$file is not there: publish first, dotnet publish Host -c Release -r win-x64 -o $Source" }
if ($service -and (Get-Item $key).GetValue('ImagePath') -ne $command) { throw "Service $Name is another program's, or lies elsewhere: -Uninstall it first, or choose another -Name." }
if ((Test-Path -LiteralPath $Program) -and -not (Test-Path -LiteralPath (Join-Path $Program $Executable)) -and (Get-ChildItem -LiteralPath $Program -Force)) {
    throw "$Program holds something else: choose another -Program."
}

if ($service -and $PSCmdlet.ShouldProcess($Name, 'stop the service, with last checkpoints')) { Wait-Stop $service }

if ($PSCmdlet.ShouldProcess($Program, "replace the program by that in $Source")) {
    $null = New-Item -ItemType Directory -Force -Path $Program
    # Settings of this machine stay, unless Source has some of its own.
    Get-ChildItem -LiteralPath $Program -Force | Where-Object Name -ne 'appsettings.Production.json' | Remove-Item -Recurse -Force
    Copy-Item -Path (Join-Path $Source '*') -Destination $Program -Recurse -Force
}

if ($PSCmdlet.ShouldProcess($Name, "make or change the service: $command, as $account, delayed start, restarts after a failure")) {
    if (-not $service) { $null = New-Service -Name $Name -BinaryPathName $command -DisplayName $Name -Description 'Stream jobs on Kafka' -StartupType Automatic }
    # sc.exe wants each value as an argument of its own behind its name. A virtual account has no password.
    Invoke-Tool 'sc.exe' @('config', $Name, 'start=', 'delayed-auto', 'obj=', $account)
    Invoke-Tool 'sc.exe' @('sidtype', $Name, 'unrestricted')
    # After 5 s, a minute, then five minutes each time; a day without a failure begins anew.
    Invoke-Tool 'sc.exe' @('failure', $Name, 'reset=', '86400', 'actions=', 'restart/5000/restart/60000/restart/300000')
    # Also where the program ended by itself with another code than 0, not only where it crashed.
    Invoke-Tool 'sc.exe' @('failureflag', $Name, '1')
}

if ($PSCmdlet.ShouldProcess($Data, "make the folder of data, for $account, administrators and the system alone")) {
    $null = New-Item -ItemType Directory -Force -Path $Data
    Grant-Right $Data @("${account}:(OI)(CI)(M)", "${administrators}:(OI)(CI)(F)", "${system}:(OI)(CI)(F)")
    Add-Token (Join-Path $Data 'management.token')
}

if ($PSCmdlet.ShouldProcess($key, "set the service's environment: $(($Setting -replace '=.*') -join ', ')")) {
    $environment = Join-Setting $Setting
    $null = New-ItemProperty -Path $key -Name 'Environment' -PropertyType MultiString -Value $environment -Force
    Protect-Key
}

# Only an administrator may make it: the service's account would write under none.
if (-not [System.Diagnostics.EventLog]::SourceExists($eventSource) -and $PSCmdlet.ShouldProcess($eventSource, 'make the source in the event log Application')) {
    [System.Diagnostics.EventLog]::CreateEventSource($eventSource, 'Application')
}

if (-not $NoStart -and $PSCmdlet.ShouldProcess($Name, 'start the service')) { Start-Service -Name $Name }
