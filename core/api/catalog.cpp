// SPDX-License-Identifier: Apache-2.0
#include "api/catalog.h"

#include "api/custom_rules.h"
#include "api/schema_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace keelson::api {

struct Catalog::Data {
    std::deque<Schema> schemas;
    std::deque<Kind> kinds;
    std::vector<const Kind*> order;
    std::vector<GroupVersion> groupVersions;
    std::vector<std::pair<std::string, const Schema*>> definitions;
    std::map<std::string, GroupVersion, std::less<>> packages;
    std::vector<std::shared_ptr<const Kind>> custom; ///< Keeps them.
    /// By group, version and plural or kind.
    std::unordered_map<std::string, const Kind*> index;

    void settle();
};

namespace {

enum class Named : char { Plural = '/', Kind = '#' };

/// "apps/v1/deployments", "apps/v1#Deployment"
std::string indexKey(const GroupVersion& groupVersion, Named named, std::string_view name)
{
    std::string key;
    key.reserve(groupVersion.group.size() + groupVersion.version.size() + name.size() + 2);
    key.append(groupVersion.group).append("/").append(groupVersion.version);
    return key.append(1, static_cast<char>(named)).append(name);
}

std::vector<std::string> strings(const Value& document, std::initializer_list<std::string_view> path)
{
    std::vector<std::string> list;
    if (const auto* found = find(document, path); found && found->is_array())
        for (const auto& item : found->get_array())
            if (item.is_string())
                list.emplace_back(item.get_string());
    return list;
}

std::string textAt(const Value& document, std::initializer_list<std::string_view> path)
{
    return std::string(stringAt(document, path));
}

/// The folder of a document: "core/v1"; the first label of the group and the version unless the document names it.
std::string packageOf(const Value& document)
{
    if (const auto package = textAt(document, {"package"}); !package.empty())
        return package;
    const auto group = textAt(document, {"group"});
    return fmt::format("{}/{}", group.empty() ? "core" : group.substr(0, group.find('.')),
                       stringAt(document, {"version"}));
}

void readSubresources(Kind& kind, const Value& document)
{
    const auto* subresources = find(document, {"subresources"});
    if (!subresources || !subresources->is_object())
        return;
    for (const auto& member : subresources->get_object()) {
        const auto name = std::string_view(member.key());
        if (name == "status")
            kind.hasStatus = true;
        else if (name == "scale")
            kind.scale = ScaleSubresource{textAt(member.value(), {"specReplicasPath"}),
                                          textAt(member.value(), {"statusReplicasPath"}),
                                          textAt(member.value(), {"labelSelectorPath"})};
        else
            kind.otherSubresources.emplace_back(name);
    }
}

void readColumns(Kind& kind, const Value& document)
{
    const auto* columns = find(document, {"columns"});
    if (!columns || !columns->is_array())
        return;
    for (const auto& item : columns->get_array()) {
        Column column;
        column.name = textAt(item, {"name"});
        if (const auto type = textAt(item, {"type"}); !type.empty())
            column.type = type;
        column.format = textAt(item, {"format"});
        column.description = textAt(item, {"description"});
        column.jsonPath = textAt(item, {"jsonPath"});
        column.function = textAt(item, {"function"});
        column.priority = static_cast<int>(integerAt(item, {"priority"}));
        kind.columns.push_back(std::move(column));
    }
}

Result<Kind> readKind(const Value& document)
{
    Kind kind;
    kind.groupVersion = {textAt(document, {"group"}), textAt(document, {"version"})};
    kind.kind = textAt(document, {"names", "kind"});
    kind.plural = textAt(document, {"names", "plural"});
    kind.singular = textAt(document, {"names", "singular"});
    kind.shortNames = strings(document, {"names", "shortNames"});
    kind.categories = strings(document, {"names", "categories"});
    kind.verbs = strings(document, {"verbs"});
    kind.fieldSelectors = strings(document, {"fieldSelectors"});
    kind.indexes = strings(document, {"indexes"});
    const auto scope = stringAt(document, {"scope"});
    kind.namespaced = scope == "Namespaced";
    const auto place = fmt::format("{}/{}", packageOf(document), kind.kind);
    if (kind.kind.empty() || kind.plural.empty() || kind.groupVersion.version.empty())
        return fail(Reason::Invalid, fmt::format("{}: group, version, names.kind and names.plural are wanted", place));
    if (scope != "Namespaced" && scope != "Cluster")
        return fail(Reason::Invalid, fmt::format("{}: scope is \"{}\", not Namespaced or Cluster", place, scope));
    readSubresources(kind, document);
    readColumns(kind, document);
    return kind;
}

/// "v2" before "v1" before "v1beta2" before "v1alpha1".
std::tuple<int, int, int> versionRank(std::string_view version)
{
    const auto number = [&](std::size_t at) {
        int value = 0;
        for (; at < version.size() && version[at] >= '0' && version[at] <= '9'; ++at)
            value = value * 10 + (version[at] - '0');
        return value;
    };
    for (const auto& [word, stability] : {std::pair{"alpha", 1}, std::pair{"beta", 2}})
        if (const auto at = version.find(word); at != version.npos)
            return {stability, number(1), number(at + std::string_view(word).size())};
    return {3, number(1), 0};
}

bool comesFirst(const GroupVersion& left, const GroupVersion& right)
{
    if (left.group != right.group)
        return left.group < right.group; // The core group is empty.
    return versionRank(left.version) > versionRank(right.version);
}

/// The kind's schema as a definition: it stands alone.
Value envelopeSchema(const Value& document)
{
    Value schema = *find(document, {"schema"});
    schema.get_object()["x-keelson-envelope"] = true;
    if (const auto description = textAt(document, {"description"}); !description.empty())
        schema.get_object()["description"] = description;
    return schema;
}

Result<Done> declareAll(SchemaLoader& loader, std::deque<Kind>& kinds, std::deque<Value>& schemas,
                        std::span<const Value> documents)
{
    for (const auto& document : documents) {
        const auto package = packageOf(document);
        if (const auto* definitions = find(document, {"definitions"}); definitions && definitions->is_object())
            for (const auto& member : definitions->get_object())
                TRY_OK(loader.declare(package, member.key(), member.value()));
        if (!find(document, {"names"}))
            continue;
        TRY_ASSIGN(auto kind, readKind(document));
        const auto* schema = find(document, {"schema"});
        if (!schema || !schema->is_object())
            return fail(Reason::Invalid, fmt::format("{}/{}: schema is wanted", package, kind.kind));
        TRY_OK(loader.declare(package, kind.kind, schemas.emplace_back(envelopeSchema(document))));
        TRY_OK(loader.declareList(package, kind.kind));
        kinds.push_back(std::move(kind));
    }
    return Done{};
}

/// Finds the version that the kind is stored in, where its file names another.
Result<Done> settleStorage(const Value& document, Kind& kind, std::deque<Kind>& kinds, Catalog::Conversions conversions)
{
    if (!find(document, {"storedAs"}))
        return Done{};
    const GroupVersion version{textAt(document, {"storedAs", "group"}), textAt(document, {"storedAs", "version"})};
    const auto stored = std::ranges::find_if(
        kinds, [&](const Kind& one) { return one.groupVersion == version && one.kind == kind.kind; });
    if (conversions)
        kind.conversion = conversions(stringAt(document, {"storedAs", "conversion"}));
    if (stored == kinds.end() || (conversions && !kind.conversion))
        return fail(Reason::Invalid, fmt::format("{} {}: is stored as {}, which is not defined or has no conversion",
                                                 kind.groupVersion.text(), kind.kind, version.text()));
    kind.storedAs = &*stored;
    kind.repeats = true;
    stored->conversion = kind.conversion;
    return Done{};
}

} // namespace

Catalog::Catalog() : m_data(std::make_unique<Data>()) {}
Catalog::~Catalog() = default;
Catalog::Catalog(Catalog&&) noexcept = default;

Result<Catalog> Catalog::fromDocuments(std::span<const Value> documents, Conversions conversions)
{
    Catalog catalog;
    auto& data = *catalog.m_data;
    SchemaLoader loader;
    std::deque<Value> schemas;
    TRY_OK(declareAll(loader, data.kinds, schemas, documents));
    TRY_OK(loader.compile());
    for (const auto& [name, schema] : loader.definitions())
        data.definitions.emplace_back(name, schema);
    data.schemas = loader.takeSchemas();

    std::size_t at = 0;
    for (const auto& document : documents) {
        if (api::find(document, {"group"}))
            data.packages.emplace(packageOf(document),
                                  GroupVersion{textAt(document, {"group"}), textAt(document, {"version"})});
        if (!api::find(document, {"names"}))
            continue;
        auto& kind = data.kinds[at++];
        kind.schema = catalog.findDefinition(fmt::format("{}/{}", packageOf(document), kind.kind));
        TRY_OK(settleStorage(document, kind, data.kinds, conversions));
        data.order.push_back(&kind);
    }
    data.settle();
    return catalog;
}

/// Puts the kinds in order, and makes what they are found by.
void Catalog::Data::settle()
{
    std::ranges::sort(order, [](const Kind* left, const Kind* right) {
        if (left->groupVersion != right->groupVersion)
            return comesFirst(left->groupVersion, right->groupVersion);
        return left->plural < right->plural;
    });
    for (const auto* kind : order) {
        if (groupVersions.empty() || groupVersions.back() != kind->groupVersion)
            groupVersions.push_back(kind->groupVersion);
        index.emplace(indexKey(kind->groupVersion, Named::Plural, kind->plural), kind);
        index.emplace(indexKey(kind->groupVersion, Named::Kind, kind->kind), kind);
    }
}

bool Catalog::isNewer(std::string_view version, std::string_view than)
{
    return versionRank(version) > versionRank(than);
}

Catalog Catalog::extended(const Catalog& base, std::vector<std::shared_ptr<const Kind>> custom)
{
    Catalog catalog;
    auto& data = *catalog.m_data;
    data.order = base.m_data->order;
    data.definitions = base.m_data->definitions;
    data.packages = base.m_data->packages;
    for (const auto& kind : custom) {
        data.order.push_back(kind.get());
        data.packages.emplace(kind->groupVersion.text(), kind->groupVersion);
        data.definitions.emplace_back(kind->schema->name, kind->schema);
        data.definitions.emplace_back(kind->schema->name + "List", &kind->custom->listSchema());
    }
    std::ranges::sort(data.definitions, {}, &std::pair<std::string, const Schema*>::first);
    data.custom = std::move(custom);
    data.settle();
    return catalog;
}

std::span<const Kind* const> Catalog::kinds() const
{
    return m_data->order;
}

std::span<const GroupVersion> Catalog::groupVersions() const
{
    return m_data->groupVersions;
}

const Kind* Catalog::find(const GroupVersion& groupVersion, std::string_view kind) const
{
    const auto found = m_data->index.find(indexKey(groupVersion, Named::Kind, kind));
    return found == m_data->index.end() ? nullptr : found->second;
}

const Kind* Catalog::findPlural(const GroupVersion& groupVersion, std::string_view plural) const
{
    const auto found = m_data->index.find(indexKey(groupVersion, Named::Plural, plural));
    return found == m_data->index.end() ? nullptr : found->second;
}

const Schema* Catalog::findDefinition(std::string_view name) const
{
    using Entry = std::pair<std::string, const Schema*>;
    const auto found = std::ranges::lower_bound(m_data->definitions, name, {},
                                                [](const Entry& entry) { return std::string_view(entry.first); });
    return found != m_data->definitions.end() && found->first == name ? found->second : nullptr;
}

std::optional<GroupVersion> Catalog::groupVersionOf(std::string_view name) const
{
    const auto found = m_data->packages.find(name.substr(0, name.rfind('/')));
    return found == m_data->packages.end() ? std::nullopt : std::optional(found->second);
}

std::span<const std::pair<std::string, const Schema*>> Catalog::definitions() const
{
    return m_data->definitions;
}

} // namespace keelson::api
