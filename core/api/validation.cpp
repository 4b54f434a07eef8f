// SPDX-License-Identifier: Apache-2.0
#include "api/validation.h"

#include "api/custom_rules.h"
#include "api/name_forms.h"
#include "api/rules.h"
#include "api/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <set>

namespace keelson::api {
namespace {

void checkNumber(const Schema& schema, const Value& value, const FieldPath& path, Refusals& refusals)
{
    const auto* number = value.if_int64();
    if (!number)
        return;
    if (schema.minimum && schema.maximum && (*number < *schema.minimum || *number > *schema.maximum))
        refusals.invalid(path, value,
                         fmt::format("must be between {} and {}, inclusive", *schema.minimum, *schema.maximum));
    else if (schema.minimum && *number < *schema.minimum)
        refusals.invalid(path, value, fmt::format("must be greater than or equal to {}", *schema.minimum));
    else if (schema.maximum && *number > *schema.maximum)
        refusals.invalid(path, value, fmt::format("must be less than or equal to {}", *schema.maximum));
}

/// A pattern of ECMAScript. One that is broken, or too hard to decide, matches nothing.
bool matches(std::string_view text, const std::string& pattern)
{
    try {
        return std::regex_search(text.begin(), text.end(), std::regex(pattern));
    } catch (const std::regex_error&) {
        return false;
    }
}

void checkText(const Schema& schema, const Value& value, const FieldPath& path, Refusals& refusals)
{
    const auto text = textOf(value);
    if (!value.is_string())
        return;
    if (!schema.ruled && !schema.enumeration.empty() &&
        std::ranges::find(schema.enumeration, text) == schema.enumeration.end())
        refusals.notSupported(path, value, schema.enumeration);
    if (schema.lengthMax && text.size() > *schema.lengthMax)
        refusals.tooLong(path, *schema.lengthMax);
    if (schema.lengthMin && text.size() < *schema.lengthMin)
        refusals.invalid(path, value, fmt::format("must be at least {} characters long", *schema.lengthMin));
    if (!schema.pattern.empty() && !matches(text, schema.pattern))
        refusals.invalid(path, value, fmt::format("must match '{}'", schema.pattern));
}

void checkList(const Schema& schema, const Array& list, const FieldPath& path, Refusals& refusals)
{
    if (schema.itemsMax && list.size() > *schema.itemsMax)
        refusals.tooMany(path, list.size(), *schema.itemsMax);
    if (schema.itemsMin && !list.empty() && list.size() < *schema.itemsMin)
        refusals.invalid(path, Value(list.size()), fmt::format("must have at least {} items", *schema.itemsMin));
    if (schema.listType != ListType::Set)
        return;
    std::set<std::string> seen;
    for (std::size_t index = 0; index < list.size(); ++index)
        if (!seen.insert(writeJson(list[index])).second)
            refusals.duplicate(path.index(index), list[index]);
}

enum class Write { Create, Any };

/// The tree walk. What a status says is its writer's business: only values are checked there, not what is missing.
class Validator {
public:
    Validator(Refusals& refusals, Write write) : m_refusals(refusals), m_write(write) {}

    void check(const Schema& schema, const Value& value, const FieldPath& path)
    {
        if (value.is_null() || m_refusals.full())
            return;
        if (schema.type == SchemaType::Object && value.is_object())
            checkObject(schema, value, path);
        else if (schema.type == SchemaType::Map && value.is_object())
            for (const auto& member : value.get_object())
                check(*schema.items, member.value(), path.key(member.key()));
        else if (schema.type == SchemaType::Array && value.is_array())
            checkArray(schema, value.get_array(), path);
        else if (value.is_string())
            checkText(schema, value, path);
        else
            checkNumber(schema, value, path, m_refusals);
        if (value.is_object() && !m_inStatus)
            runRules(schema, value, path);
    }

private:
    void checkText(const Schema& schema, const Value& value, const FieldPath& path)
    {
        api::checkText(schema, value, path, m_refusals);
    }

    void checkObject(const Schema& schema, const Value& object, const FieldPath& path)
    {
        for (const auto& field : schema.fields) {
            const auto* value = object.get_object().if_contains(field.name);
            const auto at = path.child(field.name);
            if (isMissing(field, value)) {
                if (!m_inStatus)
                    m_refusals.required(at, field.missing);
                continue;
            }
            const bool unset = value && value->is_string() && value->get_string().empty() && !field.optional;
            if (!value || unset)
                continue; // Without a pointer "" is absent.
            const bool entersStatus = schema.envelope && field.name == "status";
            m_inStatus = m_inStatus || entersStatus;
            check(*field.schema, *value, at);
            m_inStatus = m_inStatus && !entersStatus;
        }
    }

    /// Lists, numbers and flags without a pointer read as empty or zero when they are not there: only their bounds
    /// make them missing.
    static bool isMissing(const Field& field, const Value* value)
    {
        const auto& schema = *field.schema;
        const bool absent = !value || value->is_null();
        if (schema.type == SchemaType::Array && (absent || (value->is_array() && value->get_array().empty())))
            return schema.itemsMin && *schema.itemsMin > 0 && (field.required || !absent);
        if (!field.required || schema.ruled)
            return false;
        if (absent && !field.optional && (schema.type == SchemaType::Integer || schema.type == SchemaType::Boolean))
            return schema.minimum && *schema.minimum > 0;
        if (!value || value->is_null())
            return true;
        const bool mayBeEmpty = field.schema->lengthMin && *field.schema->lengthMin == 0;
        return value->is_string() && value->get_string().empty() && !mayBeEmpty;
    }

    void checkArray(const Schema& schema, const Array& list, const FieldPath& path)
    {
        checkList(schema, list, path, m_refusals);
        for (std::size_t index = 0; index < list.size(); ++index)
            check(*schema.items, list[index], path.index(index));
    }

    void runRules(const Schema& schema, const Value& value, const FieldPath& path)
    {
        for (const auto& name : schema.rules) {
            const auto* rule = findRule(name);
            if (rule && rule->check)
                rule->check(value, path, m_refusals);
            if (rule && rule->checkCreate && m_write == Write::Create)
                rule->checkCreate(value, path, m_refusals);
        }
    }

    Refusals& m_refusals;
    const Write m_write;
    bool m_inStatus = false;
};

void checkUpdates(const Schema& schema, const Value& value, const Value& old, const FieldPath& path, Refusals& refusals)
{
    if (schema.type != SchemaType::Object || !value.is_object() || !old.is_object())
        return;
    static const Value nothing;
    for (const auto& field : schema.fields) {
        const auto* now = value.get_object().if_contains(field.name);
        const auto* before = old.get_object().if_contains(field.name);
        if (!now && !before)
            continue;
        const auto at = path.child(field.name);
        if (field.immutable && (now ? *now : nothing) != (before ? *before : nothing))
            refusals.invalid(at, now ? *now : nothing, "field is immutable");
        if (now && before)
            checkUpdates(*field.schema, *now, *before, at, refusals);
    }
    for (const auto& name : schema.rules)
        if (const auto* rule = findRule(name); rule && rule->checkUpdate)
            rule->checkUpdate(value, old, path, refusals);
}

/// Metadata of the object itself; that of a template has no name.
void checkMetadata(const Kind& kind, const Value& object, const FieldPath& root, Refusals& refusals)
{
    static const Value none(boost::json::object_kind);
    const auto at = root.child("metadata");
    const auto* metadata = find(object, {"metadata"});
    const auto& given = metadata && metadata->is_object() ? *metadata : none;
    checkObjectMetadata(given, at, refusals);
    const auto& group = kind.groupVersion.group;
    if (!kind.custom && group != "apiextensions.k8s.io" && group != "apiregistration.k8s.io")
        checkFinalizersAreOwned(given, at, refusals);
    if (!kind.namespaced && metadata && !stringAt(*metadata, {"namespace"}).empty())
        refusals.forbidden(at.child("namespace"), "not allowed on this type");
    if (const auto name = stringAt(object, {"metadata", "name"}); kind.custom && !name.empty())
        refuse(wrongDnsSubdomain(name), at.child("name"), Value(name), refusals);
}

void checkMetadataUpdate(const Value& object, const Value& old, const FieldPath& root, Refusals& refusals)
{
    const auto* metadata = find(object, {"metadata"});
    const auto* oldMetadata = find(old, {"metadata"});
    if (metadata && oldMetadata)
        checkObjectMetadataUpdate(*metadata, *oldMetadata, root.child("metadata"), refusals);
}

void append(std::vector<Cause>& causes, std::vector<Cause> more)
{
    causes.insert(causes.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::vector<Cause> validateAs(Write write, const Kind& kind, const Value& object)
{
    Refusals refusals;
    const FieldPath root;
    checkMetadata(kind, object, root, refusals);
    if (!kind.custom) {
        Validator(refusals, write).check(*kind.schema, object, root);
        return refusals.take();
    }
    auto causes = refusals.take();
    append(causes, kind.custom->validate(object, nullptr));
    return causes;
}

} // namespace

std::vector<Cause> validate(const Kind& kind, const Value& object)
{
    return validateAs(Write::Any, kind, object);
}

std::vector<Cause> validateUpdate(const Kind& kind, const Value& object, const Value& old)
{
    Refusals refusals;
    const FieldPath root;
    checkMetadataUpdate(object, old, root, refusals);
    if (!kind.custom)
        checkUpdates(*kind.schema, object, old, root, refusals);
    return refusals.take();
}

std::vector<Cause> validateWrite(const Kind& kind, const Value& object, const Value* old)
{
    if (!old)
        return validateAs(Write::Create, kind, object);
    if (!kind.custom) {
        auto causes = validate(kind, object);
        append(causes, validateUpdate(kind, object, *old));
        return causes;
    }
    Refusals refusals;
    const FieldPath root;
    checkMetadata(kind, object, root, refusals);
    checkMetadataUpdate(object, *old, root, refusals);
    auto causes = refusals.take();
    append(causes, kind.custom->validate(object, old));
    return causes;
}

Error invalidError(const Kind& kind, std::string_view name, std::vector<Cause> causes)
{
    std::string list;
    for (const auto& cause : causes)
        list += fmt::format("{}{}: {}", list.empty() ? "" : ", ", cause.field, cause.message);
    const auto& group = kind.groupVersion.group;
    const auto what = group.empty() ? kind.kind : kind.kind + "." + group;
    auto error = makeError(Reason::Invalid, fmt::format("{} \"{}\" is invalid: {}", what, name,
                                                        causes.size() == 1 ? list : "[" + list + "]"));
    error.causes = std::move(causes);
    error.group = group;
    error.resource = kind.kind;
    error.name = name;
    return error;
}

} // namespace keelson::api
