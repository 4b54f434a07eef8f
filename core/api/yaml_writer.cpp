// SPDX-License-Identifier: Apache-2.0
#include "api/yaml_scalar.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::api {
namespace {

std::string_view view(boost::json::string_view text)
{
    return {text.data(), text.size()};
}

bool hasControl(std::string_view text)
{
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// Whether the text may stand without quotes and is read back as the same text.
bool isPlain(std::string_view text)
{
    if (text.empty() || text.front() == ' ' || text.back() == ' ' || hasControl(text))
        return false;
    if (std::string_view("-?:,[]{}#&*!|>'\"%@`=").find(text.front()) != std::string_view::npos) {
        const bool dashWord = (text.front() == '-' || text.front() == ':' || text.front() == '?') && text.size() > 1 &&
                              text[1] != ' ' && text[1] != '-';
        if (!dashWord)
            return false;
    }
    if (text.find(": ") != text.npos || text.find(" #") != text.npos || text.back() == ':' || text == "<<")
        return false;
    return resolveYamlScalar(text).is_string() && text != ".inf" && text != "-.inf" && text != ".nan";
}

/// Several lines can stand as they are when no line ends in a blank and no control character is among them.
bool isBlock(std::string_view text)
{
    if (text.find('\n') == text.npos || text.front() == ' ' || text.front() == '\n' || text.find(" \n") != text.npos)
        return false;
    return std::ranges::none_of(
        text, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f; });
}

std::string indentation(std::size_t depth)
{
    return std::string(depth * 2, ' ');
}

void writeBlock(std::string& out, std::string_view text, std::size_t depth)
{
    const auto end = text.find_last_not_of('\n');
    const auto newlines = text.size() - end - 1;
    out += newlines == 0 ? "|-" : newlines == 1 ? "|" : "|+";
    std::size_t at = 0;
    while (at < text.size()) {
        auto stop = text.find('\n', at);
        if (stop == text.npos)
            stop = text.size();
        out += '\n';
        if (stop > at)
            out += indentation(depth);
        out += text.substr(at, stop - at);
        at = stop + 1;
    }
}

void writeScalar(std::string& out, const Value& value, std::size_t depth)
{
    const auto* string = value.if_string();
    if (!string) {
        out += value.is_number() ? numberText(value) : writeJson(value);
        return;
    }
    const auto text = view(*string);
    if (isPlain(text))
        out += text;
    else if (isBlock(text))
        writeBlock(out, text, depth);
    else
        out += writeJson(value); // A JSON string is a YAML double-quoted scalar.
}

bool isEmptyOrScalar(const Value& value)
{
    if (const auto* object = value.if_object())
        return object->empty();
    if (const auto* array = value.if_array())
        return array->empty();
    return true;
}

/// Writes at the current place of the line; lines that follow are indented by `depth`.
void writeNode(std::string& out, const Value& value, std::size_t depth)
{
    if (isEmptyOrScalar(value)) {
        writeScalar(out, value, depth);
        return;
    }
    bool first = true;
    if (const auto* array = value.if_array()) {
        for (const auto& item : *array) {
            out += first ? "- " : "\n" + indentation(depth) + "- ";
            first = false;
            writeNode(out, item, depth + 1);
        }
        return;
    }
    for (const auto& member : value.get_object()) {
        out += first ? "" : "\n" + indentation(depth);
        first = false;
        const auto key = view(member.key());
        out += isPlain(key) ? std::string(key) : writeJson(Value(key));
        out += ':';
        const auto& child = member.value();
        if (isEmptyOrScalar(child)) {
            out += ' ';
            writeScalar(out, child, depth + 1);
        } else {
            const auto inner = child.is_array() ? depth : depth + 1;
            out += "\n" + indentation(inner);
            writeNode(out, child, inner);
        }
    }
}

} // namespace

std::string writeYaml(const Value& value)
{
    std::string out;
    writeNode(out, value, 0);
    out += '\n';
    return out;
}

} // namespace keelson::api
