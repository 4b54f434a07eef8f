// SPDX-License-Identifier: Apache-2.0
#include "manifests/completion.h"
#include "manifests/cursor_place.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

// Input: two bytes for the cursor, then a document that is half typed. Wherever the cursor stands, between brackets
// that are never closed too, its place is told without harm and lies around it, and what is proposed can be put there.

namespace {

using namespace keelson;

void check(bool holds, const char* what)
{
    if (holds)
        return;
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

bool isAround(const document::Span& span, std::size_t offset, std::size_t size)
{
    return span.begin <= offset && offset <= span.end && span.end <= size;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    constexpr std::size_t head = 2;
    if (size < head)
        return 0;
    static const document::Kinds kinds;
    static const manifests::Surroundings surroundings;
    const std::string_view text(reinterpret_cast<const char*>(data) + head, size - head);
    const auto offset = (data[0] * 256U + data[1]) % (text.size() + 1);
    const auto place = manifests::placeAt(text, offset);
    if (place.what != manifests::CursorPlace::What::None)
        check(isAround(place.span, offset, text.size()), "the cursor is not where it is said to be");
    const auto completion = manifests::complete(text, offset, kinds, surroundings);
    check(completion.proposals.size() <= manifests::proposalsMax, "there are too many proposals");
    if (!completion.proposals.empty())
        check(isAround(completion.span, offset, text.size()), "proposals are for another place");
    return 0;
}
