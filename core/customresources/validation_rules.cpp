// SPDX-License-Identifier: Apache-2.0
#include "customresources/validation_rules.h"

#include "api/object_members.h"
#include "api/rules.h"
#include "cel/cost.h"
#include "customresources/rule_costs.h"
#include "customresources/value_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::customresources {
namespace {

using api::FieldPath;
using api::Refusals;
using cel::Type;

/// The name of a member in expressions: identifiers have no dots, dashes or slashes, and are no words of the language.
std::string escaped(std::string_view name)
{
    constexpr std::array<std::string_view, 21> words{
        "true", "false",  "null", "in",   "as",      "break",     "const",  "continue", "else", "for",  "function",
        "if",   "import", "let",  "loop", "package", "namespace", "return", "var",      "void", "while"};
    if (std::ranges::find(words, name) != words.end())
        return fmt::format("__{}__", name);
    std::string made;
    for (std::size_t at = 0; at < name.size(); ++at) {
        if (name.substr(at).starts_with("__")) {
            made += "__underscores__";
            ++at;
        } else if (name[at] == '.') {
            made += "__dot__";
        } else if (name[at] == '-') {
            made += "__dash__";
        } else if (name[at] == '/') {
            made += "__slash__";
        } else {
            made += name[at];
        }
    }
    return made;
}

std::string_view trim(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n";
    const auto begin = text.find_first_not_of(blanks);
    return begin == text.npos ? std::string_view{} : text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

/// Takes the first name off a path such as `.spec['a.b']`; nothing when it does not begin with one.
std::optional<std::string_view> takeName(std::string_view& path)
{
    const bool quoted = path.starts_with("['");
    const auto begin = quoted ? 2U : 1U;
    const auto stop = quoted ? path.find("']") : std::min(path.find_first_of(".[", begin), path.size());
    if ((!quoted && !path.starts_with('.')) || stop == path.npos || stop <= begin)
        return std::nullopt;
    const auto name = path.substr(begin, stop - begin);
    path.remove_prefix(quoted ? stop + 2 : stop);
    return name;
}

/// Why a path does not name a member below the schema; empty when it does. Items of lists have no path.
std::string wrongFieldPath(const StructuralSchema& schema, std::string_view path)
{
    const auto* node = &schema;
    while (!path.empty()) {
        if (path.front() != '.' && path.front() != '[')
            return fmt::format("expected [ or . but got: {}", path);
        const auto name = takeName(path);
        const auto* below = name ? node->property(*name) : nullptr;
        if (!below && name)
            below = node->additional.get();
        if (!below)
            return "does not refer to a valid field";
        node = below;
    }
    return {};
}

Type::Form textForm(std::string_view format)
{
    if (format == "byte")
        return Type::Form::Bytes;
    if (format == "date-time" || format == "date")
        return Type::Form::Timestamp;
    return format == "duration" ? Type::Form::Duration : Type::Form::String;
}

/// Gives each node what expressions know of its values, and its compiled rules.
class RuleCompiler {
public:
    RuleCompiler(std::deque<Type>& types, Refusals& refusals) : m_types(types), m_refusals(refusals) {}

    /// Where a node of the schema is.
    struct Place {
        FieldPath path;
        std::string blocked;         ///< The place above which old and new values do not correspond.
        Cardinality cardinality = 1; ///< How many values an object has here.
        bool isResource = false;
    };

    /// Whether rules are in the node or below it.
    bool compile(StructuralSchema& schema, const Place& place)
    {
        auto& type = m_types.emplace_back();
        schema.expressionType = &type;
        bool rules = compileBelow(schema, type, place);
        if (place.isResource || schema.embeddedResource)
            addResource(type);
        boundSize(schema, type);
        compileOwn(schema, place);
        rules = rules || !schema.rules.empty();
        schema.hasRules = rules;
        return rules;
    }

    /// Refuses what the rules cost too much together.
    void close(const FieldPath& schema) { m_costs.close(schema, m_refusals); }

private:
    bool compileBelow(StructuralSchema& schema, Type& type, const Place& place)
    {
        bool rules = false;
        const auto cardinality = cardinalityBelow(schema, place.cardinality);
        const auto properties = place.path.child("properties");
        for (auto& [name, part] : schema.properties) {
            rules = compile(part, {properties.key(name), place.blocked, cardinality}) || rules;
            const auto known = escaped(name);
            type.members[known] = part.expressionType;
            if (known != name)
                type.names[known] = name;
        }
        if (schema.additional) {
            rules =
                compile(*schema.additional, {place.path.child("additionalProperties"), place.blocked, cardinality}) ||
                rules;
            type.items = schema.additional->expressionType;
        }
        if (schema.items) {
            const bool corresponds = schema.listType == api::ListType::Map || !place.blocked.empty();
            rules = compile(*schema.items, {place.path.child("items"), corresponds ? place.blocked : place.path.text(),
                                            cardinality}) ||
                    rules;
            type.items = schema.items->expressionType;
        }
        type.form = formOf(schema);
        return rules;
    }

    static Type::Form formOf(const StructuralSchema& schema)
    {
        switch (schema.type) {
        case StructuralType::Object:
            return schema.additional && schema.properties.empty() ? Type::Form::Map : Type::Form::Object;
        case StructuralType::Array:
            return Type::Form::List;
        case StructuralType::String:
            return textForm(schema.format);
        case StructuralType::Integer:
            return Type::Form::Int;
        case StructuralType::Number:
            return Type::Form::Double;
        case StructuralType::Boolean:
            return Type::Form::Bool;
        case StructuralType::Unset:
            break;
        }
        return Type::Form::Dyn;
    }

    /// What expressions may know of every resource.
    void addResource(Type& type)
    {
        auto& text = m_types.emplace_back();
        text.form = Type::Form::String;
        boundSize({}, text);
        auto& metadata = m_types.emplace_back();
        metadata.form = Type::Form::Object;
        metadata.members = {{"name", &text}, {"generateName", &text}};
        boundSize({}, metadata);
        type.members["apiVersion"] = &text;
        type.members["kind"] = &text;
        type.members["metadata"] = &metadata;
    }

    void compileOwn(StructuralSchema& schema, const Place& place)
    {
        const auto list = place.path.child("x-kubernetes-validations");
        for (std::size_t index = 0; index < schema.ruleSources.size(); ++index) {
            auto rule = compileRule(schema, schema.ruleSources[index], list.index(index), place.blocked);
            if (!rule)
                continue;
            countCosts(schema, *rule, list.index(index), place.cardinality);
            schema.rules.push_back(std::move(rule));
        }
    }

    void countCosts(const StructuralSchema& schema, const ValidationRule& rule, const FieldPath& path,
                    Cardinality cardinality)
    {
        const auto& type = *schema.expressionType;
        m_costs.add("rule", path, cel::multipliedCosts(rule.program.worstCost(type), valuesAtMost(cardinality, type)),
                    m_refusals);
        if (rule.messageProgram) // asked for once, when the rule does not hold
            m_costs.add("messageExpression", path, rule.messageProgram->worstCost(type), m_refusals);
    }

    /// Messages are one line; where none follows from the rule, there must be one.
    void checkWords(const Value& source, const FieldPath& path)
    {
        const auto text = api::stringAt(source, {"message"});
        const auto expression = api::stringAt(source, {"messageExpression"});
        const auto trimmed = trim(text);
        if (!text.empty() && trimmed.empty())
            refuse(path.child("message"), text, "message must be non-empty if specified");
        else if (trimmed.find_first_of("\r\n") != trimmed.npos)
            refuse(path.child("message"), trimmed, "message must not contain line breaks");
        else if (trimmed.empty() && trim(api::stringAt(source, {"rule"})).find_first_of("\r\n") != trimmed.npos)
            m_refusals.required(path.child("message"), "message must be specified if rule contains line breaks");
        if (!expression.empty() && trim(expression).empty())
            m_refusals.required(path.child("messageExpression"), "must be non-empty if specified");
    }

    void checkFieldPath(const StructuralSchema& schema, const ValidationRule& rule, const FieldPath& path)
    {
        const auto wrong = rule.fieldPath.empty() ? std::string() : wrongFieldPath(schema, rule.fieldPath);
        if (!wrong.empty())
            refuse(path.child("fieldPath"), rule.fieldPath, "fieldPath must be a valid path: " + wrong);
    }

    std::shared_ptr<const ValidationRule> compileRule(const StructuralSchema& schema, const Value& source,
                                                      const FieldPath& path, const std::string& blocked)
    {
        ValidationRule made{.rule = std::string(api::stringAt(source, {"rule"})),
                            .message = std::string(api::stringAt(source, {"message"})),
                            .reason = std::string(api::stringAt(source, {"reason"})),
                            .fieldPath = std::string(api::stringAt(source, {"fieldPath"})),
                            .optionalOldSelf = api::boolAt(source, {"optionalOldSelf"})};
        if (made.rule.find_first_not_of(" \t\n") == std::string::npos) {
            m_refusals.required(path.child("rule"), "rule is not specified");
            return nullptr;
        }
        checkWords(source, path);
        checkFieldPath(schema, made, path);
        auto program = programOf(schema, made, made.rule);
        if (!program)
            return refuse(path.child("rule"), made.rule, "compilation failed: " + program.error().message);
        made.program = *std::move(program);
        made.comparesOld = made.program.uses("oldSelf");
        if (made.program.result() != Type::Form::Bool && made.program.result() != Type::Form::Dyn)
            return refuse(path.child("rule"), made.rule, "compilation failed: cel expression must evaluate to a bool");
        if (!made.comparesOld && api::find(source, {"optionalOldSelf"}))
            m_refusals.invalid(path.child("optionalOldSelf"), made.optionalOldSelf,
                               "may not be set if oldSelf is not used in rule");
        if (made.comparesOld && !blocked.empty())
            return refuse(
                path.child("rule"), made.rule,
                fmt::format("oldSelf cannot be used on the uncorrelatable portion of the schema within {}", blocked));
        const auto text = api::stringAt(source, {"messageExpression"});
        if (trim(text).empty())
            return std::make_shared<const ValidationRule>(std::move(made));
        auto message = programOf(schema, made, text);
        if (!message)
            return refuse(path.child("messageExpression"), text,
                          "messageExpression compilation failed: " + message.error().message);
        if (message->result() != Type::Form::String && message->result() != Type::Form::Dyn)
            return refuse(path.child("messageExpression"), text,
                          "messageExpression compilation failed: messageExpression must evaluate to a string");
        made.messageProgram = *std::move(message);
        return std::make_shared<const ValidationRule>(std::move(made));
    }

    static Result<cel::Program> programOf(const StructuralSchema& schema, const ValidationRule& rule,
                                          std::string_view text)
    {
        const auto* self = schema.expressionType;
        return cel::Program::compile(text,
                                     {{"self", self}, {"oldSelf", rule.optionalOldSelf ? &cel::dynType() : self}});
    }

    std::nullptr_t refuse(const FieldPath& path, std::string_view text, std::string_view why)
    {
        m_refusals.invalid(path, Value(text), why);
        return nullptr;
    }

    std::deque<Type>& m_types;
    Refusals& m_refusals;
    CostLedger m_costs;
};

/// Adds what a rule refuses, at its place.
void refuse(const StructuralSchema& schema, const ValidationRule& rule, const FieldPath& path, std::string_view why,
            Refusals& refusals)
{
    const auto below = rule.fieldPath.starts_with('.') ? rule.fieldPath.substr(1) : rule.fieldPath;
    const auto at = below.empty() ? path : path.child(below);
    const Value shown(typeWord(schema.type));
    if (rule.reason == "FieldValueForbidden")
        refusals.forbidden(at, why);
    else if (rule.reason == "FieldValueRequired")
        refusals.required(at, why);
    else if (rule.reason == "FieldValueDuplicate")
        refusals.duplicate(at, shown);
    else
        refusals.invalid(at, shown, why);
}

std::string messageOf(const ValidationRule& rule, std::span<const cel::Value> values, cel::Budget& budget)
{
    if (rule.messageProgram) {
        const auto message = rule.messageProgram->evaluate(values, budget);
        const auto* text = message ? message->as<std::string>() : nullptr;
        if (text && !text->empty() && text->find('\n') == text->npos)
            return *text;
    }
    return rule.message.empty() ? fmt::format("failed rule: {}", rule.rule) : rule.message;
}

void checkRule(const StructuralSchema& schema, const ValidationRule& rule, const Value& value, const Value* old,
               const FieldPath& path, cel::Budget& budget, Refusals& refusals)
{
    if (rule.comparesOld ? !old && !rule.optionalOldSelf : old && *old == value)
        return;
    const auto& type = *schema.expressionType;
    std::array<cel::Value, 2> values{cel::Value::of(value, type), {}};
    if (rule.optionalOldSelf)
        values[1] = cel::Optional{old ? std::make_shared<cel::Value>(cel::Value::of(*old, type)) : nullptr};
    else if (old)
        values[1] = cel::Value::of(*old, type);
    const auto result = rule.program.evaluate(values, budget);
    if (budget.isSpent())
        return refuse(schema, rule, path,
                      "validation failed due to running out of cost budget, no further validation rules will be run",
                      refusals);
    if (!result)
        return refuse(schema, rule, path, fmt::format("rule evaluation error: {}", result.error().message), refusals);
    const auto* holds = result->as<bool>();
    if (!holds)
        return refuse(schema, rule, path, "cel expression must evaluate to a bool", refusals);
    if (!*holds)
        refuse(schema, rule, path, messageOf(rule, values, budget), refusals);
}

} // namespace

void compileRules(StructuralSchema& root, std::deque<Type>& types, const FieldPath& path, Refusals& refusals)
{
    RuleCompiler compiler(types, refusals);
    compiler.compile(root, {.path = path, .blocked = {}, .cardinality = 1, .isResource = true});
    compiler.close(path);
}

void checkRules(const StructuralSchema& schema, const Value& value, const Value* old, const FieldPath& path,
                cel::Budget& budget, Refusals& refusals)
{
    if (!schema.hasRules || value.is_null() || budget.isSpent() || refusals.full())
        return;
    for (const auto& rule : schema.rules)
        if (!budget.isSpent())
            checkRule(schema, *rule, value, old, path, budget, refusals);
    if (const auto* object = value.if_object()) {
        const auto* before = old ? old->if_object() : nullptr;
        for (const auto& member : *object) {
            const auto* part = schema.property(member.key());
            part = part ? part : schema.additional.get();
            if (part)
                checkRules(*part, member.value(), before ? before->if_contains(member.key()) : nullptr,
                           path.child(member.key()), budget, refusals);
        }
    }
    const auto* array = value.if_array();
    if (!array || !schema.items)
        return;
    const ItemsBefore before(schema, old);
    for (std::size_t index = 0; index < array->size(); ++index)
        checkRules(*schema.items, (*array)[index], before.find((*array)[index]), path.index(index), budget, refusals);
}

} // namespace keelson::customresources
