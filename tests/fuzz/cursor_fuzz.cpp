// SPDX-License-Identifier: Apache-2.0
#include "fuzz/fuzzing.h"
#include "manifests/completion.h"
#include "manifests/cursor_place.h"

// Input: two bytes for the cursor, then a document that is half typed. Wherever the cursor stands, between brackets
// that are never closed too, its place is told without harm and lies around it, and what is proposed can be put there.

namespace {

using namespace keelson;

bool isAround(const document::Span& span, std::size_t offset, std::size_t size)
{
    return span.begin <= offset && offset <= span.end && span.end <= size;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    auto text = fuzz::textOf(data, size);
    const auto high = fuzz::takeChoice(text);
    const auto low = fuzz::takeChoice(text);
    const auto offset = (high * 256U + low) % (text.size() + 1);
    static const document::Kinds kinds;
    static const manifests::Surroundings surroundings;
    const auto place = manifests::placeAt(text, offset);
    if (place.what != manifests::CursorPlace::What::None)
        fuzz::check(isAround(place.span, offset, text.size()));
    const auto completion = manifests::complete(text, offset, kinds, surroundings);
    fuzz::check(completion.proposals.size() <= manifests::proposalsMax);
    if (!completion.proposals.empty())
        fuzz::check(isAround(completion.span, offset, text.size()));
    return 0;
}
