using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weir.Tests.Hosting.Configuration;

/// <summary>Writes the settings as a JSON schema for <c>appsettings.json</c>: draft 7, which editors take.</summary>
/// <remarks>
/// Names are spelled as in the documentation, though a program does not look at capitals. A value that a program takes is refused nowhere else but where its spelling is another
/// one, such as a number within quotes.
/// </remarks>
internal static class SettingsSchema
{
    // As SettingText reads them.
    private const string Duration = @"^(([0-9]+\.)?[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,7})?)?|[0-9]+(\.[0-9]+)?\s*(ms|min|m|s|h|d))$";
    private const string Size = @"^([0-9]+|[0-9]+(\.[0-9]+)?\s*[KMGTkmgt][Ii]?[Bb])$";

    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(Section root) => new JsonObject
    {
        ["$schema"] = "http://json-schema.org/draft-07/schema#",
        ["title"] = "Settings of a program with Weir jobs",
        ["type"] = "object",
        ["properties"] = new JsonObject { ["$schema"] = new JsonObject { ["type"] = "string" }, [root.Name] = Schema(root) },
    }.ToJsonString(s_readable) + "\n";

    private static JsonObject Schema(Section section)
    {
        var properties = new JsonObject();
        foreach (var setting in section.Settings)
        {
            properties[setting.Name] = Schema(setting, $"{Plain(setting.Text)}{Words.Range(setting, " Range: {0}.")}");
            foreach (var flink in setting.Flink)
            {
                string text = $"Flink's name of {setting.Name}.";
                properties[flink.Name] = flink.True is null ? Schema(setting, text) : new JsonObject { ["description"] = $"{text} true is {flink.True}, false is {flink.False}.", ["type"] = "boolean" };
            }
        }
        foreach (var below in section.Sections)
        {
            properties[below.Name] = Schema(below);
        }
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        if (section.Key is not null)
        {
            schema = new JsonObject { ["type"] = "object", ["additionalProperties"] = schema };
        }
        schema.Insert(0, "description", Plain(section.Text));
        return schema;
    }

    private static JsonObject Schema(Setting setting, string text)
    {
        var schema = setting.Kind switch
        {
            SettingKind.List => new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
            // Numbers and flags come as texts from any layer.
            SettingKind.Entries when setting.Type == typeof(string) => new JsonObject { ["type"] = "object", ["additionalProperties"] = Types("string", "number", "boolean") },
            SettingKind.Entries => new JsonObject { ["type"] = "object", ["additionalProperties"] = Value(setting) },
            _ when setting.MayBeNone => new JsonObject { ["anyOf"] = new JsonArray(Value(setting), new JsonObject { ["enum"] = new JsonArray("None", "none") }) },
            _ => Value(setting),
        };
        schema.Insert(0, "description", text);
        return schema;
    }

    private static JsonObject Value(Setting setting)
    {
        var type = setting.Type;
        if (type.IsEnum)
        {
            string[] words = Enum.GetNames(type);
            return new JsonObject
            {
                ["enum"] = new JsonArray([.. words.Select(word => JsonValue.Create(word))]),
                ["enumDescriptions"] = new JsonArray([.. words.Select(word => JsonValue.Create(Plain(SettingsTree.Comments.Of(type, word))))]),
            };
        }
        return type switch
        {
            _ when type == typeof(bool) => Types("boolean"),
            _ when type == typeof(int) || type == typeof(short) => Number(setting),
            _ when type == typeof(long) => new JsonObject { ["type"] = new JsonArray("integer", "string"), ["pattern"] = Size },
            _ when type == typeof(TimeSpan) => new JsonObject { ["type"] = "string", ["pattern"] = Duration },
            _ when type == typeof(DateTimeOffset) => new JsonObject { ["type"] = "string", ["examples"] = new JsonArray("2026-01-31T12:00:00Z") },
            // Prometheus: a flag or a path.
            _ when type == typeof(string) && bool.TryParse(setting.Default as string, out _) => Types("string", "boolean"),
            _ when type == typeof(string) => Types("string"),
            _ => throw new InvalidOperationException($"Settings of type {type} are not written."),
        };
    }

    private static JsonObject Number(Setting setting)
    {
        var schema = Types("integer");
        if (setting.Range is { Minimum: int least, Maximum: int most })
        {
            schema["minimum"] = least;
            schema["maximum"] = most;
        }
        return schema;
    }

    private static JsonObject Types(params string[] types) =>
        new() { ["type"] = types.Length == 1 ? JsonValue.Create(types[0]) : new JsonArray([.. types.Select(type => JsonValue.Create(type))]) };

    private static string Plain(string markdown) => markdown.Replace("`", "", StringComparison.Ordinal);
}
