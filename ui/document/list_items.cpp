// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/list_items.h"

#include <algorithm>

namespace keelson::document {

const api::Array* listItems(const api::Value& value)
{
    if (!api::stringAt(value, {"kind"}).ends_with("List"))
        return nullptr;
    const auto* items = api::find(value, {"items"});
    if (!items || !items->is_array() || items->get_array().empty())
        return nullptr;
    const auto saysWhatItIs = [](const api::Value& item) { return !api::stringAt(item, {"kind"}).empty(); };
    return std::ranges::all_of(items->get_array(), saysWhatItIs) ? &items->get_array() : nullptr;
}

} // namespace keelson::document
