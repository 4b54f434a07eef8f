// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/edit.h"
#include "document/kinds.h"
#include "document/schema_walk.h"

#include <string>
#include <string_view>
#include <vector>

namespace keelson::design {

/// Basic: what is set, what must be, and what the schema puts into its forms. Full: everything that the schema knows
/// and people may write.
enum class FormLevel { Basic, Full };

enum class FormInput {
    Group,  ///< Has rows of its own.
    List,   ///< Likewise, by index; items can be added.
    Map,    ///< Likewise, by key.
    Text,   ///< One line.
    Lines,  ///< A text of several lines: edited in the text.
    Number, ///< Whole, or with a fraction.
    Choice, ///< One of a few words, "true" and "false" among them.
    Any,    ///< No schema: YAML on one line.
};

/// One line of a form.
struct FormRow {
    document::Path path;
    std::string label;
    FormInput input = FormInput::Text;
    const api::Schema* schema = nullptr; ///< Null where there is none.
    bool isSet = false;
    bool isRequired = false;
    bool isItem = false;              ///< Of a list or a map.
    std::string text;                 ///< The value as it is edited; of a collection: "2 items".
    std::string hint;                 ///< What holds when nothing is set: "default 1", or its type.
    std::string help;                 ///< What it is for.
    std::vector<std::string> choices; ///< Of Choice.

    bool hasRows() const { return input == FormInput::Group || input == FormInput::List || input == FormInput::Map; }
    bool operator==(const FormRow&) const = default;
};

/// The rows directly below a place of an object. Pure. What only servers write (status, uid, times) is left out.
std::vector<FormRow> formRows(const api::Kind& kind, const api::Value& object, const document::Path& at,
                              FormLevel level);

/// The edit that gives a row another value; the empty text takes it out, unless it is an item. `Invalid` says what is
/// wanted instead.
Result<document::Edit> formEdit(const FormRow& row, std::string_view text);
/// The edit that adds to a list (then `key` is passed over) or to a map, or fills a group that is not there.
/// `AlreadyExists`: the map has that key. `Invalid`: a key is wanted.
Result<document::Edit> formAdd(const FormRow& row, const api::Value& object, std::string_view key);
/// The edit that takes a row out. Only for those that are set.
document::Edit formRemove(const FormRow& row);

} // namespace keelson::design
