// SPDX-License-Identifier: Apache-2.0
#include "apiserver/spdy_codec.h"
#include "fuzz/fuzzing.h"

#include <string>

// What a client of exec, attach or port-forward sends in SPDY/3.1. Input: a byte with the length of the pieces in which
// it comes, then the bytes; or, where the first byte's highest bit is set, a place and what is changed there, and lines
// that become the headers of a stream: compressed ones are not guessed.

namespace {

using namespace keelson;

std::string streamOf(std::string_view lines, unsigned place, unsigned change)
{
    apiserver::Headers headers;
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(lines.size(), line.size() + 1));
        const auto colon = std::min(line.find(':'), line.size());
        headers.add(line.substr(0, colon), std::string(line.substr(std::min(line.size(), colon + 1))));
    }
    auto bytes = apiserver::SpdyWriter().synStream(1, headers);
    if (!bytes.empty())
        bytes[place % bytes.size()] = static_cast<char>(bytes[place % bytes.size()] ^ static_cast<char>(change));
    return bytes;
}

void feed(std::string_view input, std::size_t piece)
{
    apiserver::SpdyReader reader;
    apiserver::SpdyWriter writer;
    apiserver::SpdyReader other;
    while (!input.empty()) {
        const auto bytes = input.substr(0, piece);
        input.remove_prefix(bytes.size());
        const auto frames = reader.feed(bytes);
        if (!frames)
            return;
        for (const auto& frame : *frames) {
            if (frame.type != apiserver::SpdyFrame::Type::SynStream)
                continue;
            const auto again = other.feed(writer.synStream(frame.stream, frame.headers));
            if (!again)
                return; // written, its headers may be over the limit
            fuzz::check(again->size() == 1 && again->front().headers.items() == frame.headers.items());
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    constexpr unsigned lines = 128;
    auto input = fuzz::textOf(data, size);
    const auto first = fuzz::takeChoice(input);
    const std::size_t piece = first % lines + 1UL;
    if (first < lines) {
        feed(input, piece);
        return 0;
    }
    const auto place = fuzz::takeChoice(input);
    const auto change = fuzz::takeChoice(input);
    feed(streamOf(input, place, change), piece);
    return 0;
}
