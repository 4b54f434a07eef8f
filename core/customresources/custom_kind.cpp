// SPDX-License-Identifier: Apache-2.0
#include "customresources/custom_kind.h"

#include "api/catalog.h"
#include "api/conversion.h"
#include "api/custom_rules.h"
#include "api/refusals.h"
#include "api/rules.h"
#include "api/validation.h"
#include "customresources/merge_schema.h"
#include "customresources/structural_schema.h"
#include "customresources/validation_rules.h"
#include "customresources/value_changes.h"
#include "customresources/value_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>

namespace keelson::customresources {
namespace {

using api::Kind;

std::vector<std::string> textsAt(const Value& value, std::initializer_list<std::string_view> path)
{
    std::vector<std::string> texts;
    for (const auto& item : api::itemsAt(value, path))
        texts.emplace_back(api::textOf(item));
    return texts;
}

/// The schemas of all versions, served or not: objects are stored in any of them.
struct Versions {
    std::string group;
    std::map<std::string, StructuralSchema, std::less<>> schemas;
    std::deque<cel::Type> types; ///< Of expressions in the schemas.

    const StructuralSchema* schemaOf(const Value& object) const
    {
        const auto found = schemas.find(api::GroupVersion::parse(api::stringAt(object, {"apiVersion"})).version);
        return found == schemas.end() ? nullptr : &found->second;
    }
};

/// Rules could not be sure to find what they ask for.
bool hidesRules(const Cause& cause)
{
    return cause.reason == "FieldValueRequired" || cause.reason == "FieldValueTypeInvalid" ||
           cause.reason == "FieldValueTooLong" || cause.reason == "FieldValueTooMany";
}

/// One version of a definition: a kind and how its objects are treated.
class CustomVersion : public api::CustomRules {
public:
    CustomVersion(std::shared_ptr<const Versions> versions, const Value& definition, const Value& version)
        : m_versions(std::move(versions)),
          m_version(api::stringAt(version, {"name"})),
          m_schema(m_versions->schemas.find(m_version)->second)
    {
        const auto* given = api::find(version, {"schema", "openAPIV3Schema"});
        m_published = given ? *given : Value(api::Object{});
        readNames(definition);
        readVersion(version);
        const auto name = fmt::format("{}/{}/{}", m_versions->group, m_version, m_kind.kind);
        m_kind.schema = &m_merge.root(m_schema, name);
        m_merge.root().published = &m_published;
        m_kind.custom = this;
    }
    CustomVersion(const CustomVersion&) = delete;
    CustomVersion& operator=(const CustomVersion&) = delete;

    const Kind& kind() const { return m_kind; }
    Kind& kind() { return m_kind; }
    const api::Schema& listSchema() const override { return m_merge.list(); }

    std::vector<std::string> prune(Value& object) const override
    {
        std::vector<std::string> removed;
        const api::FieldPath root;
        pruneResource(m_schema, object, root, removed);
        return removed;
    }

    bool applyDefaults(Value& object) const override { return customresources::applyDefaults(m_schema, object); }

    void normalize(Value& object) const override
    {
        if (auto* metadata = api::find(object, {"metadata"})) {
            auto inOrder = std::move(*metadata);
            sortMembers(object);
            api::normalize(*m_kind.schema->field("metadata")->schema, inOrder);
            *api::find(object, {"metadata"}) = std::move(inOrder);
        } else {
            sortMembers(object);
        }
    }

    std::vector<Cause> validate(const Value& object, const Value* old) const override
    {
        api::Refusals refusals;
        const api::FieldPath root;
        checkValue(m_schema, object, old, root, refusals);
        auto causes = refusals.take();
        if (!m_schema.hasRules)
            return causes;
        if (std::ranges::any_of(causes, hidesRules)) {
            causes.push_back({"FieldValueInvalid",
                              "Invalid value: null: some validation rules were not checked because the object was "
                              "invalid; correct the existing errors to complete validation",
                              "<nil>"});
            return causes;
        }
        cel::Budget budget(ruleStepsMax);
        checkRules(m_schema, object, old, root, budget, refusals);
        auto refused = refusals.take();
        causes.insert(causes.end(), std::make_move_iterator(refused.begin()), std::make_move_iterator(refused.end()));
        return causes;
    }

    void read(Value& object) const override
    {
        const auto* const own = m_versions->schemaOf(object);
        const auto& schema = own ? *own : m_schema;
        std::vector<std::string> removed;
        const api::FieldPath root;
        pruneResource(schema, object, root, removed);
        customresources::applyDefaults(schema, object);
        normalize(object);
    }

private:
    void readNames(const Value& definition)
    {
        const auto& names = definition.at("status").at("acceptedNames");
        m_kind.groupVersion = {m_versions->group, m_version};
        m_kind.kind = api::stringAt(names, {"kind"});
        m_kind.listKind = api::stringAt(names, {"listKind"});
        m_kind.plural = api::stringAt(names, {"plural"});
        m_kind.singular = api::stringAt(names, {"singular"});
        m_kind.shortNames = textsAt(names, {"shortNames"});
        m_kind.categories = textsAt(names, {"categories"});
        m_kind.namespaced = api::stringAt(definition, {"spec", "scope"}) == "Namespaced";
        m_kind.verbs = {"delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"};
    }

    void readVersion(const Value& version)
    {
        m_kind.hasStatus = api::find(version, {"subresources", "status"}) != nullptr;
        if (const auto* scale = api::find(version, {"subresources", "scale"}))
            m_kind.scale = api::ScaleSubresource{std::string(api::stringAt(*scale, {"specReplicasPath"})),
                                                 std::string(api::stringAt(*scale, {"statusReplicasPath"})),
                                                 std::string(api::stringAt(*scale, {"labelSelectorPath"}))};
        for (const auto& field : api::itemsAt(version, {"selectableFields"}))
            m_kind.fieldSelectors.emplace_back(api::stringAt(field, {"jsonPath"}).substr(1)); // without the dot
        const auto& columns = api::itemsAt(version, {"additionalPrinterColumns"});
        if (columns.empty())
            return;
        api::Column name;
        name.name = "Name";
        name.format = "name";
        name.description = "The name, unique among the objects of the kind in the namespace.";
        name.jsonPath = ".metadata.name";
        m_kind.columns.push_back(std::move(name));
        for (const auto& given : columns) {
            api::Column column;
            column.name = api::stringAt(given, {"name"});
            column.type = api::stringAt(given, {"type"});
            column.format = api::stringAt(given, {"format"});
            column.description = api::stringAt(given, {"description"});
            column.jsonPath = api::stringAt(given, {"jsonPath"});
            column.priority = static_cast<int>(api::integerAt(given, {"priority"}));
            m_kind.columns.push_back(std::move(column));
        }
    }

    const std::shared_ptr<const Versions> m_versions;
    const std::string m_version;
    const StructuralSchema& m_schema;
    Value m_published;
    MergeSchema m_merge;
    Kind m_kind;
};

/// What the version does not know of its objects goes once they are of it.
void fit(const Kind& kind, Value& object)
{
    (void)kind.custom->prune(object);
    kind.custom->normalize(object);
}

/// The strategy None: objects keep all but their apiVersion.
class Renaming : public api::Conversion {
public:
    Result<std::vector<Value>> convert(std::vector<Value> objects, const Kind& to) const override
    {
        for (auto& object : objects) {
            object.as_object()["apiVersion"] = to.groupVersion.text();
            fit(to, object);
        }
        return objects;
    }
};

class WebhookConversion : public api::Conversion {
public:
    WebhookConversion(const Value& webhook, ConversionWebhooks access)
        : m_access(std::move(access)),
          m_client(webhook.at("clientConfig")),
          m_reviewVersion(knownReviewVersion(api::itemsAt(webhook, {"conversionReviewVersions"})))
    {
    }
    bool blocks() const override { return true; }

    Result<std::vector<Value>> convert(std::vector<Value> objects, const Kind& to) const override
    {
        ConversionQuestion question{
            .reviewVersion = m_reviewVersion, .uid = {}, .apiVersion = to.groupVersion.text(), .objects = objects};
        if (!m_access.post)
            return fail(conversionFailure(question, "this server does not call webhooks"));
        question.uid = m_access.newUid();
        const auto answer = m_access.post(m_client, conversionReview(question));
        if (!answer)
            return fail(conversionFailure(question, answer.error().message));
        TRY_ASSIGN(auto converted, readConversion(*answer, question));
        for (auto& object : converted)
            fit(to, object);
        return converted;
    }

private:
    const ConversionWebhooks m_access;
    const Value m_client;
    const std::string_view m_reviewVersion;
};

std::unique_ptr<api::Conversion> conversionOf(const Value& definition, const ConversionWebhooks& webhooks)
{
    if (api::stringAt(definition, {"spec", "conversion", "strategy"}) == "Webhook")
        return std::make_unique<WebhookConversion>(definition.at("spec").at("conversion").at("webhook"), webhooks);
    return std::make_unique<Renaming>();
}

/// What a client of a deprecated version is told: by the definition, or which newer version there is.
std::string deprecationOf(const Value& definition, const Value& version)
{
    if (!api::boolAt(version, {"deprecated"}))
        return {};
    if (const auto given = api::stringAt(version, {"deprecationWarning"}); !given.empty())
        return std::string(given);
    const auto name = api::stringAt(version, {"name"});
    std::string_view newest;
    for (const auto& other : api::itemsAt(definition, {"spec", "versions"})) {
        const auto otherName = api::stringAt(other, {"name"});
        if (api::boolAt(other, {"served"}) && !api::boolAt(other, {"deprecated"}) &&
            api::Catalog::isNewer(otherName, newest.empty() ? name : newest))
            newest = otherName;
    }
    const auto group = api::stringAt(definition, {"spec", "group"});
    const auto kind = api::stringAt(definition, {"spec", "names", "kind"});
    const auto warning = fmt::format("{}/{} {} is deprecated", group, name, kind);
    return newest.empty() ? warning : fmt::format("{}; use {}/{} {}", warning, group, newest, kind);
}

/// All versions of a definition; they live and end together.
struct Definition {
    std::shared_ptr<Versions> schemas = std::make_shared<Versions>();
    std::unique_ptr<const api::Conversion> conversion;
    std::deque<CustomVersion> versions;
};

void readSchemas(const Value& definition, Versions& versions)
{
    versions.group = api::stringAt(definition, {"spec", "group"});
    for (const auto& version : api::itemsAt(definition, {"spec", "versions"})) {
        const auto* schema = api::find(version, {"schema", "openAPIV3Schema"});
        auto& read = versions.schemas
                         .emplace(api::stringAt(version, {"name"}), readSchema(schema ? *schema : Value(api::Object{})))
                         .first->second;
        api::Refusals ignored; // There are none: the definition was checked when it was written.
        const api::FieldPath root;
        compileRules(read, versions.types, root, ignored);
    }
}

} // namespace

ServedDefinition servedDefinition(const Value& definition, const ConversionWebhooks& webhooks)
{
    ServedDefinition served;
    if (!holds(definition, "Established"))
        return served;
    const auto made = std::make_shared<Definition>();
    readSchemas(definition, *made->schemas);
    made->conversion = conversionOf(definition, webhooks);
    for (const auto& version : api::itemsAt(definition, {"spec", "versions"})) {
        const bool isStored = api::boolAt(version, {"storage"});
        const bool isServed = api::boolAt(version, {"served"});
        if (!isServed && !isStored)
            continue;
        auto& kind = made->versions.emplace_back(made->schemas, definition, version).kind();
        kind.conversion = made->conversion.get();
        kind.deprecation = deprecationOf(definition, version);
        const std::shared_ptr<const Kind> shared(made, &kind);
        if (isStored)
            served.stored = shared;
        if (isServed)
            served.kinds.insert(isStored ? served.kinds.begin() : served.kinds.end(), shared);
    }
    for (auto& version : made->versions) {
        auto& kind = version.kind();
        kind.storedAs = &kind == served.stored.get() ? nullptr : served.stored.get();
        kind.repeats = served.kinds.empty() || &kind != served.kinds.front().get();
    }
    served.fingerprint =
        api::writeJson(definition.at("spec")) + api::writeJson(definition.at("status").at("acceptedNames"));
    return served;
}

bool isDefinitionKind(const Kind& kind)
{
    return kind.kind == "CustomResourceDefinition" && kind.groupVersion.group == "apiextensions.k8s.io";
}

bool holds(const Value& definition, std::string_view condition)
{
    return std::ranges::any_of(api::itemsAt(definition, {"status", "conditions"}), [&](const Value& one) {
        return api::stringAt(one, {"type"}) == condition && api::stringAt(one, {"status"}) == "True";
    });
}

} // namespace keelson::customresources
