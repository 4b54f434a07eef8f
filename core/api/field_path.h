// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace keelson::api {

/// A place in a document, as refusals name it: `spec.containers[0].name`, `metadata.labels[a/b]`. A chain on the stack:
/// a part points to its whole, which must outlive it; text is made only when something is wrong there.
class FieldPath {
public:
    FieldPath() = default;

    FieldPath child(std::string_view name) const { return {*this, name, Form::Name, 0}; }
    /// A key of a map, which stands in brackets.
    FieldPath key(std::string_view key) const { return {*this, key, Form::Key, 0}; }
    FieldPath index(std::size_t index) const { return {*this, {}, Form::Index, index}; }

    std::string text() const
    {
        if (!m_whole)
            return {};
        auto text = m_whole->text();
        if (m_form == Form::Index)
            return text + "[" + std::to_string(m_index) + "]";
        if (m_form == Form::Key)
            return text + "[" + std::string(m_name) + "]";
        return text.empty() ? std::string(m_name) : text + "." + std::string(m_name);
    }

private:
    enum class Form { Name, Key, Index };
    FieldPath(const FieldPath& whole, std::string_view name, Form form, std::size_t index)
        : m_whole(&whole), m_name(name), m_form(form), m_index(index)
    {
    }

    const FieldPath* m_whole = nullptr;
    std::string_view m_name;
    Form m_form = Form::Name;
    std::size_t m_index = 0;
};

} // namespace keelson::api
