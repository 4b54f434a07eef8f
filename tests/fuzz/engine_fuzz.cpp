// SPDX-License-Identifier: Apache-2.0
#include "docker/frames.h"
#include "docker/http.h"
#include "docker/reports.h"
#include "fuzz/fuzzing.h"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstring>

// Input: a byte, the length of the pieces in which the rest comes: what a container engine answers. Its body is read as
// each report that we ask for.

namespace {

using namespace keelson;

void readBody(const std::string& body)
{
    docker::FrameReader frames;
    std::size_t bytes = 0;
    frames.feed(body, [&](auto, std::string_view part) { bytes += part.size(); });
    fuzz::check(bytes <= body.size());
    boost::system::error_code error;
    const auto json = boost::json::parse(body, error);
    if (error)
        return;
    (void)docker::containerFromInspect(json);
    (void)docker::runtimeFromInfo(json);
    (void)docker::statsFromReply(json);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    auto input = fuzz::textOf(data, size);
    const std::size_t piece = fuzz::takeChoice(input) + 1UL;
    docker::HttpReply reply([&](char* into, std::size_t room) -> Result<std::size_t> {
        const auto bytes = input.substr(0, std::min(room, piece));
        std::memcpy(into, bytes.data(), bytes.size());
        input.remove_prefix(bytes.size());
        return bytes.size();
    });
    const auto head = reply.readHead();
    if (!head)
        return 0;
    constexpr std::size_t bodyBytesMax = 16 * 1024;
    const auto body = reply.readAll(bodyBytesMax);
    fuzz::check(!body || body->size() <= bodyBytesMax);
    if (body)
        readBody(*body);
    return 0;
}
