// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/utf8.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace keelson::api {

/// As many fields as Kubernetes names of those that a strict reader refuses; a body has room for hundreds of thousands.
inline constexpr std::size_t strictFieldsMax = 100;
/// Of a path. The keys of a map may be as long as the body.
inline constexpr std::size_t strictPathBytesMax = 1024;

/// Notes a field that a strict reader refuses: one that occurs twice, or one that the schema does not know. `path`
/// makes the text of its path, and is asked only while there is room.
template <typename MakePath>
void noteStrictField(std::vector<std::string>& fields, MakePath path)
{
    if (fields.size() >= strictFieldsMax)
        return;
    std::string text = path();
    if (text.size() > strictPathBytesMax) {
        text.resize(strictPathBytesMax);
        text.resize(utf8Prefix(text));
    }
    fields.push_back(std::move(text));
}

} // namespace keelson::api
