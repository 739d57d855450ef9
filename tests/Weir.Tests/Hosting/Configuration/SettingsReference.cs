using System.Text;

namespace Weir.Tests.Hosting.Configuration;

/// <summary>Writes the settings as a page of the documentation.</summary>
internal static class SettingsReference
{
    private const string Top =
        """
        # Settings
        All settings, from the code that reads them: this page and `appsettings.schema.json` are written by a test, `WEIR_WRITE_DOCS=1 dotnet test --project tests/Weir.Tests --filter-class '*.SettingsDocumentsTests'`.

        A setting is named by its path, and may come from any layer: `appsettings.json`, the environment (`Weir__Jobs__orders__Parallelism=4`), the command line (`--Weir:Jobs:orders:Parallelism=4`); what comes later in this list wins.
        They are read once, at start. What is wrong with them is told in one message, names that are not known included, and ends the program with code 2. `config` prints those in force, with the layer each came from.

        | type | how it is written |
        |---|---|
        | duration | `500ms`, `10s`, `5min` or `5m`, `2h`, `1d`, or `00:00:10`; a bare number is refused |
        | size | bytes, or `64KiB`, `64MiB`, `64GiB`, `64TiB`; as in Flink `64kb` is the same as `64KiB` |
        | time | `2026-01-31T12:00:00Z`; without a zone it is UTC |
        | list | `["a", "b"]` in JSON, else `<setting>:0`, `<setting>:1` .. |
        | by name | `{ "name": value }` in JSON, else `<setting>:<name>` |
        | .. or `None` | where `None` says that there is no limit, or that the program chooses, as the text says |

        In an editor, `"$schema": "./appsettings.schema.json"` at the top of `appsettings.json` completes names and shows what they do; the schema lies beside the program.

        """;

    public static string Of(Section root)
    {
        var page = new StringBuilder(Top);
        Write(page, root, root.Name);
        return page.ToString();
    }

    private static void Write(StringBuilder page, Section section, string path)
    {
        path += section.Key is null ? "" : $":<{section.Key}>";
        page.Append('\n').Append("## `").Append(path).Append("`\n").Append(section.Text).Append('\n');
        if (section.Settings.Count > 0)
        {
            page.Append("\n| setting | type | default | range | |\n|---|---|---|---|---|\n");
        }
        foreach (var setting in section.Settings)
        {
            page.Append("| `").Append(setting.Name).Append("` | ").Append(Type(setting)).Append(" | ").Append(Default(setting)).Append(" | ").Append(Words.Range(setting, "{0}")).Append(" | ").Append(Text(setting)).Append(" |\n");
        }
        foreach (var below in section.Sections)
        {
            Write(page, below, $"{path}:{below.Name}");
        }
    }

    private static string Type(Setting setting) => setting.Kind switch
    {
        SettingKind.List => "list of texts",
        SettingKind.Entries => $"{(setting.Type == typeof(string) ? "texts" : "numbers")} by name",
        _ => Name(setting.Type) + (setting.MayBeNone ? " or `None`" : ""),
    };

    private static string Name(Type type) => type switch
    {
        _ when type.IsEnum => "word",
        _ when type == typeof(bool) => "`true`, `false`",
        _ when type == typeof(int) || type == typeof(short) => "number",
        _ when type == typeof(long) => "size",
        _ when type == typeof(TimeSpan) => "duration",
        _ when type == typeof(DateTimeOffset) => "time",
        _ => "text",
    };

    // A folder of this machine is none of the reader's.
    private static string Default(Setting setting) => setting.Default switch
    {
        null when setting.MayBeNone => "`None`",
        null or "" => "",
        string text when Path.IsPathRooted(text) => "",
        { } value => $"`{Words.Of(value)}`",
    };

    private static string Text(Setting setting)
    {
        var text = new StringBuilder(setting.Text);
        if (setting.Type.IsEnum)
        {
            foreach (string word in Enum.GetNames(setting.Type))
            {
                text.Append("<br>`").Append(word).Append("`: ").Append(SettingsTree.Comments.Of(setting.Type, word));
            }
        }
        if (setting.Flink.Length > 0)
        {
            text.Append("<br>Flink: ").AppendJoin(", ", setting.Flink.Select(flink => $"`{flink.Name}`"));
        }
        return text.Replace("|", "\\|").ToString();
    }
}
