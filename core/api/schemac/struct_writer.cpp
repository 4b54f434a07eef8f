// SPDX-License-Identifier: Apache-2.0
#include "schemac/struct_writer.h"

#include "api/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace keelson::api {
namespace {

constexpr std::array<std::string_view, 20> cppWords{
    "namespace", "default", "operator", "template", "continue", "protected", "private", "public", "class",   "struct",
    "static",    "int",     "bool",     "double",   "signed",   "delete",    "new",     "union",  "virtual", "export"};

std::string memberName(std::string name)
{
    std::ranges::replace(name, '-', '_');
    return std::ranges::find(cppWords, name) == cppWords.end() ? name : name + "_";
}

std::string packageOf(std::string_view definition)
{
    return std::string(definition.substr(0, definition.rfind('/')));
}

std::string structName(const Schema& schema)
{
    return schema.structName.empty() ? schema.name.substr(schema.name.rfind('/') + 1) : schema.structName;
}

/// A list of a kind: readers take its items one by one.
bool isList(const Catalog& catalog, std::string_view name)
{
    return name.ends_with("List") && catalog.findDefinition(name.substr(0, name.size() - 4)) != nullptr;
}

/// A definition that contains itself has no struct of its own: structs hold it as a document.
bool isDocument(const Schema& schema)
{
    return schema.structName == "Value";
}

bool isStruct(const Catalog& catalog, std::string_view name, const Schema& schema)
{
    return schema.type == SchemaType::Object && !isList(catalog, name) && !isDocument(schema);
}

struct TypeText {
    std::string cpp;
    std::string tag;
    std::string initial; ///< " = 0", for what has no empty state of its own.
};

Result<TypeText> typeText(const Schema& schema, const std::string& place)
{
    switch (schema.type) {
    case SchemaType::String:
        return TypeText{"std::string", "Text", ""};
    case SchemaType::Bytes:
        return TypeText{"std::string", "Bytes", ""};
    case SchemaType::Boolean:
        return TypeText{"bool", "Flag", " = false"};
    case SchemaType::Number:
        return TypeText{"double", "Real", " = 0"};
    case SchemaType::Integer:
        return schema.format == "int32" ? TypeText{"std::int32_t", "Int32", " = 0"}
                                        : TypeText{"std::int64_t", "Int64", " = 0"};
    case SchemaType::IntOrString:
        return TypeText{"IntOrString", "Number", ""};
    case SchemaType::Quantity:
        return TypeText{"Quantity", "Amount", ""};
    case SchemaType::Time:
        return TypeText{"std::optional<WallTime>", "Time", ""};
    case SchemaType::MicroTime:
        return TypeText{"std::optional<WallTime>", "MicroTime", ""};
    case SchemaType::Duration:
        return TypeText{"Duration", "Span", "{}"};
    case SchemaType::Any:
        return TypeText{"Value", "Any", ""};
    case SchemaType::Object: {
        if (isDocument(schema))
            return TypeText{"Value", "Any", ""};
        if (schema.name.empty())
            return fail(Reason::Invalid, fmt::format("{}: an object inside needs a definition with a name", place));
        const auto name = structName(schema);
        return TypeText{name, fmt::format("Of<{}>", name), ""};
    }
    case SchemaType::Array: {
        TRY_ASSIGN(const auto item, typeText(*schema.items, place));
        return TypeText{fmt::format("std::vector<{}>", item.cpp), fmt::format("ListOf<{}>", item.tag), ""};
    }
    case SchemaType::Map: {
        TRY_ASSIGN(const auto item, typeText(*schema.items, place));
        return TypeText{fmt::format("std::map<std::string, {}, std::less<>>", item.cpp),
                        fmt::format("MapOf<{}>", item.tag), ""};
    }
    }
    return fail(Reason::Invalid, fmt::format("{}: a type without a struct form", place));
}

bool hasAbsence(const Schema& schema)
{
    const auto type = schema.type;
    return isDocument(schema) || type == SchemaType::Time || type == SchemaType::MicroTime || type == SchemaType::Any ||
           type == SchemaType::Array || type == SchemaType::Map;
}

Result<TypeText> fieldText(const Field& field, const std::string& place)
{
    TRY_ASSIGN(auto text, typeText(*field.schema, place));
    if (field.optional && field.schema->type == SchemaType::Object && !isDocument(*field.schema))
        return TypeText{fmt::format("Boxed<{}>", text.cpp), fmt::format("BoxedOf<{}>", text.tag), ""};
    if (field.optional && !hasAbsence(*field.schema))
        return TypeText{fmt::format("std::optional<{}>", text.cpp), fmt::format("OptionalOf<{}>", text.tag), ""};
    return text;
}

/// The named object that a value is or holds, or null.
const Schema* namedPart(const Schema& schema)
{
    if (schema.type == SchemaType::Array || schema.type == SchemaType::Map)
        return namedPart(*schema.items);
    return schema.type == SchemaType::Object && !schema.name.empty() && !isDocument(schema) ? &schema : nullptr;
}

/// Whether a struct's copying, comparing and ending is code of its own source file: in a struct with many members it
/// would otherwise be compiled into each of its users. A smaller one stays an aggregate: { .name = ... } makes it.
bool isCompiledApart(const Schema& schema)
{
    constexpr std::size_t membersOfAggregateMax = 10;
    return schema.envelope || schema.fields.size() > membersOfAggregateMax;
}

std::string apartDeclarations(std::string_view name)
{
    return fmt::format("    {0}();\n    {0}(const {0}&);\n    {0}({0}&&) noexcept;\n"
                       "    {0}& operator=(const {0}&);\n    {0}& operator=({0}&&) noexcept;\n    ~{0}();\n"
                       "    bool operator==(const {0}&) const;\n",
                       name);
}

std::string apartDefinitions(std::string_view name)
{
    return fmt::format("{0}::{0}() = default;\n{0}::{0}(const {0}&) = default;\n{0}::{0}({0}&&) noexcept = default;\n"
                       "{0}& {0}::operator=(const {0}&) = default;\n{0}& {0}::operator=({0}&&) noexcept = default;\n"
                       "{0}::~{0}() = default;\nbool {0}::operator==(const {0}&) const = default;\n",
                       name);
}

class StructWriter {
public:
    StructWriter(const Catalog& catalog, std::string_view package) : m_catalog(catalog), m_package(package) {}

    Result<StructFiles> write()
    {
        for (const auto& [name, schema] : m_catalog.definitions())
            if (packageOf(name) == m_package && isStruct(m_catalog, name, *schema))
                TRY_OK(visit(*schema));
        TRY_OK(checkNames());
        std::string structs;
        std::string members;
        std::string tags;
        std::string tables;
        for (const auto* schema : m_order) {
            TRY_OK(writeStruct(structs, *schema));
            if (isCompiledApart(*schema))
                members += apartDefinitions(structName(*schema));
            members += fmt::format("template class Boxed<{}>;\n", structName(*schema));
            TRY_OK(writeTable(tables, *schema));
            tags +=
                fmt::format("template <> struct TypeOf<Of<{}>> {{ static const Type value; }};\n", structName(*schema));
        }
        std::string includes;
        for (const auto& package : m_includes)
            includes += fmt::format("#include \"api/{}.h\"\n", fileName(package));
        return StructFiles{
            fmt::format("// SPDX-License-Identifier: Apache-2.0\n// Generated by schemac from core/api/kinds/{0}.\n"
                        "#pragma once\n\n#include \"api/boxed.h\"\n#include \"api/catalog.h\"\n#include "
                        "\"api/codec.h\"\n{1}\n\n"
                        "namespace keelson::api {{\n\n{2}namespace codec {{\n\n{3}\n}} // namespace codec\n"
                        "}} // namespace keelson::api\n",
                        m_package, includes, structs, tags),
            fmt::format("// SPDX-License-Identifier: Apache-2.0\n// Generated by schemac from core/api/kinds/{0}.\n"
                        "#include \"api/{1}.h\"\n\n#include <cstddef>\n\n"
                        "#pragma GCC diagnostic ignored \"-Winvalid-offsetof\"\n\n"
                        "namespace keelson::api {{\n\n{3}\nnamespace codec {{\n\n{2}}} // namespace codec\n"
                        "}} // namespace keelson::api\n",
                        m_package, fileName(m_package), tables, members)};
    }

private:
    Result<Done> visit(const Schema& schema)
    {
        if (m_done.contains(schema.name))
            return Done{};
        if (!m_open.insert(schema.name).second)
            return fail(Reason::Invalid, fmt::format("{}: contains itself", schema.name));
        for (const auto& field : schema.fields) {
            const auto* part = namedPart(*field.schema);
            if (!part)
                continue;
            if (packageOf(part->name) != m_package)
                m_includes.insert(packageOf(part->name));
            else if (const auto* definition = m_catalog.findDefinition(part->name))
                TRY_OK(visit(*definition));
        }
        m_open.erase(schema.name);
        m_done.insert(schema.name);
        m_order.push_back(&schema);
        return Done{};
    }

    Result<Done> checkNames() const
    {
        std::map<std::string, std::string> names;
        for (const auto& [name, schema] : m_catalog.definitions())
            if (isStruct(m_catalog, name, *schema))
                if (const auto [known, fresh] = names.emplace(structName(*schema), name); !fresh)
                    return fail(Reason::Invalid,
                                fmt::format("{}: its struct's name is taken by {}; give it x-keelson-struct", name,
                                            known->second));
        return Done{};
    }

    static void writeComment(std::string& out, std::string_view indent, std::string_view description)
    {
        std::string line;
        while (!description.empty()) {
            auto length = std::min<std::size_t>(description.size(), 108);
            if (length < description.size())
                length = std::min(description.rfind(' ', length), description.size());
            out += fmt::format("{}/// {}\n", indent, description.substr(0, length));
            description.remove_prefix(std::min(description.size(), length + 1));
        }
    }

    Result<Done> writeStruct(std::string& out, const Schema& schema) const
    {
        const auto name = structName(schema);
        writeComment(out, "", schema.description);
        out += fmt::format("struct {} {{\n", name);
        if (schema.envelope) {
            const auto groupVersion = m_catalog.groupVersionOf(schema.name);
            if (!groupVersion)
                return fail(Reason::Invalid, fmt::format("{}: its file names no group and version", schema.name));
            out += fmt::format(
                "    static constexpr std::string_view group = \"{}\", version = \"{}\", kindName = \"{}\";\n",
                groupVersion->group, groupVersion->version, schema.name.substr(schema.name.rfind('/') + 1));
        }
        for (const auto& field : schema.fields) {
            if (isEnvelopeField(schema, field))
                continue;
            TRY_ASSIGN(const auto text, fieldText(field, schema.name + "." + field.name));
            writeComment(out, "    ", field.description);
            out += fmt::format("    {} {}{};\n", text.cpp, memberName(field.name), text.initial);
        }
        out += isCompiledApart(schema) ? apartDeclarations(name)
                                       : fmt::format("    bool operator==(const {}&) const = default;\n", name);
        out += fmt::format("}};\nextern template class Boxed<{}>;\n", name);
        if (schema.envelope)
            out += fmt::format("using {0}Ptr = std::shared_ptr<const {0}>;\n", name);
        out += "\n";
        return Done{};
    }

    static bool isEnvelopeField(const Schema& schema, const Field& field)
    {
        return schema.envelope && (field.name == "apiVersion" || field.name == "kind");
    }

    Result<Done> writeTable(std::string& out, const Schema& schema) const
    {
        const auto name = structName(schema);
        std::vector<std::string> members;
        std::string rows;
        for (const auto& field : schema.fields) {
            if (isEnvelopeField(schema, field))
                continue;
            TRY_ASSIGN(const auto text, fieldText(field, schema.name + "." + field.name));
            rows += fmt::format("    {{\"{0}\", offsetof({1}, {2}), &TypeOf<{3}>::value, {4}}},\n", field.name, name,
                                memberName(field.name), text.tag, field.always);
            members.push_back(field.name);
        }
        if (members.empty()) {
            out += fmt::format("constinit const Type TypeOf<Of<{}>>::value = structType({{}}, {{}});\n\n", name);
            return Done{};
        }
        std::vector<std::size_t> order(members.size());
        for (std::size_t at = 0; at < order.size(); ++at)
            order[at] = at;
        std::ranges::sort(order, {}, [&](std::size_t at) { return members[at]; });
        out += fmt::format("constexpr Member members{0}[] = {{\n{1}}};\nconstexpr std::uint16_t order{0}[] = {{{2}}};\n"
                           "constinit const Type TypeOf<Of<{0}>>::value = structType(members{0}, order{0});\n\n",
                           name, rows, fmt::join(order, ", "));
        return Done{};
    }

    const Catalog& m_catalog;
    std::string m_package;
    std::vector<const Schema*> m_order;
    std::set<std::string, std::less<>> m_done;
    std::set<std::string, std::less<>> m_open;
    std::set<std::string> m_includes;
};

} // namespace

Result<StructFiles> writeStructs(const Catalog& catalog, std::string_view package)
{
    return StructWriter(catalog, package).write();
}

std::string fileName(std::string_view package)
{
    std::string name(package);
    std::ranges::replace(name, '/', '_');
    return name;
}

} // namespace keelson::api
