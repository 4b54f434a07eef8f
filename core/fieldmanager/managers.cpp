// SPDX-License-Identifier: Apache-2.0
#include "fieldmanager/managers.h"

#include "api/json_text.h"
#include "base/clock.h"
#include "fieldmanager/field_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace keelson::fieldmanager {
namespace {

constexpr std::string_view fieldsType = "FieldsV1";

std::string inQuotes(std::string_view text)
{
    std::string out;
    api::appendJsonString(out, text);
    return out;
}

std::string_view operationName(Operation operation)
{
    return operation == Operation::Apply ? "Apply" : "Update";
}

/// The text of a JSON string that stands between quotes.
std::string plainText(std::string_view value)
{
    if (!value.starts_with('"'))
        return {};
    const auto raw = value.substr(1, value.size() - 2);
    if (!raw.contains('\\'))
        return std::string(raw);
    const auto parsed = api::parseJson(value);
    return parsed && parsed->is_string() ? std::string(parsed->get_string()) : std::string{};
}

bool readManager(api::JsonScanner& scanner, Manager& manager)
{
    if (!scanner.take('{'))
        return false;
    do {
        const auto name = scanner.string();
        if (!name || !scanner.take(':'))
            return false;
        const auto value = scanner.value();
        if (!value)
            return false;
        if (*name == "manager")
            manager.name = plainText(*value);
        else if (*name == "operation")
            manager.operation = plainText(*value) == "Apply" ? Operation::Apply : Operation::Update;
        else if (*name == "apiVersion")
            manager.apiVersion = plainText(*value);
        else if (*name == "subresource")
            manager.subresource = plainText(*value);
        else if (*name == "time")
            manager.time = plainText(*value);
        else if (*name == "fieldsV1")
            manager.fields = *value;
    } while (scanner.take(','));
    return scanner.take('}');
}

Result<Manager> acceptManager(const api::Value& entry)
{
    const auto operation = api::stringAt(entry, {"operation"});
    if (operation != "Apply" && operation != "Update")
        return fail(Reason::BadRequest, "operation must be `Apply` or `Update`");
    if (api::stringAt(entry, {"apiVersion"}).empty())
        return fail(Reason::BadRequest, "apiVersion must not be empty");
    if (const auto type = api::stringAt(entry, {"fieldsType"}); type != fieldsType)
        return fail(Reason::BadRequest, fmt::format("invalid fieldsType \"{}\"", type));
    Manager manager{.name = std::string(api::stringAt(entry, {"manager"})),
                    .operation = operation == "Apply" ? Operation::Apply : Operation::Update,
                    .apiVersion = std::string(api::stringAt(entry, {"apiVersion"})),
                    .subresource = std::string(api::stringAt(entry, {"subresource"})),
                    .time = {},
                    .fields = "{}"};
    if (const auto time = api::stringAt(entry, {"time"}); !time.empty()) {
        TRY_ASSIGN(const auto parsed, parseTime(time));
        manager.time = formatTime(parsed);
    }
    if (const auto* const fields = api::find(entry, {"fieldsV1"}); fields && !fields->is_null()) {
        TRY_ASSIGN(const auto set, FieldSet::parse(api::writeJson(*fields)));
        manager.fields = set.text();
    }
    return manager;
}

} // namespace

bool Manager::isSame(const Manager& other) const
{
    return name == other.name && operation == other.operation && subresource == other.subresource &&
           (operation == Operation::Apply || apiVersion == other.apiVersion);
}

std::string Manager::text() const
{
    auto text = inQuotes(name);
    if (!subresource.empty())
        text += fmt::format(" with subresource {}", inQuotes(subresource));
    if (operation == Operation::Update)
        text += fmt::format(" using {}", apiVersion);
    return text;
}

Managers readManagers(std::string_view text)
{
    Managers managers;
    api::JsonScanner scanner(text);
    if (!scanner.take('['))
        return {};
    do {
        Manager manager;
        if (!readManager(scanner, manager))
            return {};
        managers.push_back(std::move(manager));
    } while (scanner.take(','));
    return managers;
}

Result<Managers> acceptManagers(const api::Value& list)
{
    const auto* const entries = list.if_array();
    if (!entries)
        return fail(Reason::BadRequest, "managedFields is no list");
    Managers managers;
    for (const auto& entry : *entries) {
        TRY_ASSIGN(auto manager, acceptManager(entry));
        const bool isSecond =
            std::ranges::any_of(managers, [&](const Manager& other) { return other.isSame(manager); });
        if (isSecond)
            return fail(Reason::BadRequest, fmt::format("two entries are of the manager {}", manager.text()));
        managers.push_back(std::move(manager));
    }
    return managers;
}

std::string writeManagers(Managers managers)
{
    if (managers.empty())
        return {};
    const auto order = [](const Manager& manager) {
        return std::tie(manager.operation, manager.time, manager.name, manager.apiVersion, manager.subresource);
    };
    std::ranges::sort(managers, {}, order);
    std::string text = "[";
    for (const auto& manager : managers) {
        text += fmt::format(R"({}{{"manager":{},"operation":"{}","apiVersion":{})", text.size() > 1 ? "," : "",
                            inQuotes(manager.name), operationName(manager.operation), inQuotes(manager.apiVersion));
        if (!manager.time.empty())
            text += fmt::format(R"(,"time":"{}")", manager.time);
        text += fmt::format(R"(,"fieldsType":"{}","fieldsV1":)", fieldsType);
        text += manager.fields;
        if (!manager.subresource.empty())
            text += fmt::format(R"(,"subresource":{})", inQuotes(manager.subresource));
        text += '}';
    }
    return text + "]";
}

bool sameButForTimes(std::string_view one, std::string_view other)
{
    const auto timeless = [](std::string_view text) {
        auto managers = readManagers(text);
        for (auto& manager : managers)
            manager.time.clear();
        return writeManagers(std::move(managers));
    };
    return one == other || timeless(one) == timeless(other);
}

bool asksForReset(const api::Value& list)
{
    const auto* const entries = list.if_array();
    return entries && entries->size() == 1 && entries->front().is_object() && entries->front().get_object().empty();
}

} // namespace keelson::fieldmanager
