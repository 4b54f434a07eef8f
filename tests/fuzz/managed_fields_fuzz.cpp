// SPDX-License-Identifier: Apache-2.0
#include "api/catalog.h"
#include "api/validation.h"
#include "fieldmanager/field_manager.h"
#include "fuzz/fuzzing.h"

// Input, a line each: FieldsV1, a Deployment as it is, a configuration of it. The first is read as a client sends it;
// the configuration is applied by one manager, then by another.

namespace {

using namespace keelson;
using fuzz::check;

std::string_view takeLine(std::string_view& text)
{
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    return line;
}

const api::Kind& kind()
{
    static const auto& found = *api::Catalog::builtIn().find({"apps", "v1"}, "Deployment");
    return found;
}

api::Value settled(api::Value object)
{
    api::applyDefaults(kind(), object);
    api::normalize(kind(), object);
    return object;
}

void checkFields(std::string_view text)
{
    const auto json = api::parseJson(text); // Only what a parser let through comes to the sets.
    const auto set =
        json ? fieldmanager::FieldSet::parse(api::writeJson(*json)) : fail(Reason::BadRequest, "it is no JSON");
    if (!set)
        return;
    const auto again = fieldmanager::FieldSet::parse(set->text());
    check(again && *again == *set && again->text() == set->text());
    auto none = *set;
    none.subtract(*set);
    check(none.empty());
    auto same = *set;
    same.unite(*set);
    same.intersect(*set);
    check(same == *set);
}

void checkApply(const fieldmanager::FieldManager& manager, const api::Value& live, const api::Value& configuration)
{
    const fieldmanager::Writer one{"one", {}, {}};
    const fieldmanager::Writer other{"other", {}, {}};
    const auto created = manager.created(live, {}, one).value();
    auto first = manager.apply(live, created, configuration, one, true);
    check(first.has_value());
    const auto object = settled(first->object);
    const auto second = manager.apply(object, first->managers, configuration, one, false);
    check(second && settled(second->object) == object && second->managers == first->managers);
    const auto third = manager.apply(object, first->managers, configuration, other, false); // the same: no conflict
    check(third && settled(third->object) == object);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string_view input(reinterpret_cast<const char*>(data), size);
    checkFields(takeLine(input));
    auto live = api::parseJson(takeLine(input));
    auto configuration = api::parseJson(input);
    if (!live || !configuration || !live->is_object() || !configuration->is_object())
        return 0;
    configuration->get_object()["apiVersion"] = "apps/v1";
    static const fieldmanager::FieldManager manager(kind());
    api::prune(kind(), *live);
    if (!api::checkTypes(kind(), *live) ||
        !fieldmanager::FieldManager::checkConfiguration(kind(), {"default", "web"}, *configuration) ||
        !api::checkTypes(kind(), *configuration))
        return 0;
    api::normalizeScalars(kind(), *configuration);
    checkApply(manager, settled(*std::move(live)), *configuration);
    return 0;
}
