// SPDX-License-Identifier: Apache-2.0
#include "api/schema.h"

#include "api/kind.h"

#include <algorithm>

namespace keelson::api {

const Field* Schema::field(std::string_view jsonName) const
{
    using Entry = std::pair<std::string_view, std::size_t>;
    const auto found = std::ranges::lower_bound(fieldIndex, jsonName, {}, &Entry::first);
    return found != fieldIndex.end() && found->first == jsonName ? &fields[found->second] : nullptr;
}

GroupVersion GroupVersion::parse(std::string_view text)
{
    const auto slash = text.find('/');
    if (slash == text.npos)
        return {"", std::string(text)};
    return {std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

} // namespace keelson::api
