// SPDX-License-Identifier: Apache-2.0
#include "api/catalog.h"
#include "api/patch.h"
#include "fuzz/fuzzing.h"

// Input: a document, a line break, a patch of any type. Both are read as a client's bytes are, and each merge is tried.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace keelson;
    using fuzz::check;
    const auto input = fuzz::textOf(data, size);
    const auto end = input.find('\n');
    if (end == std::string_view::npos)
        return 0;
    const auto document = api::parseJson(input.substr(0, end));
    std::vector<std::string> duplicates;
    const auto patch = api::parseJson(input.substr(end + 1), &duplicates);
    if (!document || !patch)
        return 0;
    if (const auto patched = api::applyJsonPatch(*document, *patch))
        check(api::parseJson(api::writeJson(*patched)).has_value());
    const auto merged = api::applyMergePatch(*document, *patch);
    check(api::applyMergePatch(merged, *patch) == merged);
    static const auto& schema = *api::Catalog::builtIn().find({"apps", "v1"}, "Deployment")->schema;
    if (const auto strategic = api::applyStrategicPatch(schema, *document, *patch))
        check(strategic->is_object());
    return 0;
}
