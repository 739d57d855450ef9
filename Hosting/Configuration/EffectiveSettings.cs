using Microsoft.Extensions.Configuration;

namespace Weir.Hosting;

/// <summary>Which settings are in force, with the layer each came from, secrets masked.</summary>
internal static class EffectiveSettings
{
    public static IEnumerable<string> Describe(IConfiguration configuration)
    {
        var layers = (configuration as IConfigurationRoot)?.Providers.Reverse().ToArray() ?? [];
        foreach (var (path, value) in configuration.AsEnumerable().OrderBy(entry => entry.Key, StringComparer.OrdinalIgnoreCase))
        {
            if (value is not null && (path.StartsWith("Weir:", StringComparison.OrdinalIgnoreCase) || path.Equals("ConnectionStrings:kafka", StringComparison.OrdinalIgnoreCase)))
            {
                string layer = layers.FirstOrDefault(provider => provider.TryGet(path, out _))?.ToString() ?? "unknown layer";
                yield return $"{path} = {SettingText.Masked(path, value)}  ({layer})";
            }
        }
    }
}
