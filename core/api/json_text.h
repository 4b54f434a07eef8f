// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace keelson::api {

/// Goes through JSON text without making values of it. What is passed over is not checked beyond its brackets and
/// quotes: for text that was written by `writeJson`, or is checked otherwise.
class JsonScanner {
public:
    explicit JsonScanner(std::string_view text) : m_text(text) {}

    /// Passes white space and this character; false, without moving on, when another one is next.
    bool take(char wanted);
    /// What stands between the quotes of the string that is next, with its escapes. Nothing when no string is next.
    std::optional<std::string_view> string();
    /// The text of the value that is next, whatever it is. Nothing when the text ends inside it.
    std::optional<std::string_view> value();
    bool atEnd();

private:
    void passSpace();

    std::string_view m_text;
    std::size_t m_at = 0;
};

/// Appends the text as a JSON string.
void appendJsonString(std::string& out, std::string_view text);

/// The text of metadata.managedFields in the text of an object; empty when it has none.
std::string_view managedFieldsIn(std::string_view object);
/// The text of the object without metadata.managedFields, for readers who have no use for them.
std::string withoutManagedFields(std::string_view object);

} // namespace keelson::api
