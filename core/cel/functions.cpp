// SPDX-License-Identifier: Apache-2.0
#include "cel/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::cel {
namespace {

std::array<std::span<const Function>, 9> groups()
{
    return {operators(),        textFunctions(), listFunctions(),   conversionFunctions(), timeFunctions(),
            addressFunctions(), urlFunctions(),  formatFunctions(), accessFunctions()};
}

} // namespace

const Function* findFunction(std::string_view name, bool hasTarget, std::size_t args)
{
    for (const auto group : groups()) {
        const auto found = std::ranges::find_if(group, [&](const Function& function) {
            return function.name == name && function.hasTarget == hasTarget && args >= function.argsMin &&
                   args <= function.argsMax;
        });
        if (found != group.end())
            return &*found;
    }
    return nullptr;
}

bool isFunction(std::string_view name)
{
    const auto all = groups();
    return std::ranges::any_of(
        all, [&](const auto group) { return std::ranges::find(group, name, &Function::name) != group.end(); });
}

std::unexpected<Error> noOverload(std::string_view name)
{
    return fail(Reason::Invalid, fmt::format("no such overload: {}", name));
}

} // namespace keelson::cel
