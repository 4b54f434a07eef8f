// SPDX-License-Identifier: Apache-2.0
#include "api/catalog.h"
#include "api/protobuf.h"
#include "api/validation.h"
#include "fuzz/fuzzing.h"

#include <string>
#include <vector>

// Input: an object as a client sends it, in JSON, YAML or protobuf (which begins with its magic). What can be read goes
// the way of a create: types, unknown fields, defaults, rules, normal form; and out again in each form.

namespace {

using namespace keelson;
using fuzz::check;

Result<api::Value> read(std::string_view input)
{
    std::vector<std::string> duplicates;
    if (api::isProtobuf(input))
        return api::decodeProtobuf(api::Catalog::builtIn(), input);
    const bool json = !input.empty() && input.front() == '{';
    return json ? api::parseJson(input, &duplicates) : api::parseYaml(input, &duplicates);
}

void writeAll(const api::Value& object)
{
    check(api::parseJson(api::writeJson(object)) == object);
    const auto bytes = api::encodeProtobuf(api::Catalog::builtIn(), object);
    if (bytes)
        check(api::decodeProtobuf(api::Catalog::builtIn(), *bytes).has_value());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    auto object = read(fuzz::textOf(data, size));
    if (!object || !object->is_object())
        return 0;
    const auto version = api::GroupVersion::parse(api::stringAt(*object, {"apiVersion"}));
    const auto* const kind = api::Catalog::builtIn().find(version, api::stringAt(*object, {"kind"}));
    if (kind == nullptr) {
        check(api::parseJson(api::writeJson(*object)) == *object);
        return 0;
    }
    api::prune(*kind, *object);
    if (!api::checkTypes(*kind, *object))
        return 0;
    api::applyDefaults(*kind, *object);
    api::normalizeScalars(*kind, *object);
    const auto causes = api::validate(*kind, *object);
    auto again = *object;
    api::applyDefaults(*kind, again);
    check(again == *object);
    api::normalize(*kind, again);
    if (causes.empty()) {
        check(api::validateUpdate(*kind, again, again).empty());
        writeAll(again);
    }
    return 0;
}
