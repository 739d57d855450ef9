namespace Weir.Runtime.Graph;

/// <summary>Types as a user writes them, for sentences.</summary>
internal static class TypeText
{
    public static string Of<T>() => Of(typeof(T));

    private static string Of(Type type)
    {
        if (!type.IsGenericType)
        {
            return type.Name;
        }
        string name = type.Name;
        int tick = name.IndexOf('`', StringComparison.Ordinal);
        string arguments = string.Join(", ", Array.ConvertAll(type.GetGenericArguments(), Of));
        return $"{(tick < 0 ? name : name[..tick])}<{arguments}>";
    }
}
