// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/render.h"

#include "api/yaml_scalar.h"
#include "document/scan.h"

#include <algorithm>

namespace keelson::document {

namespace {

std::string blanks(std::size_t count)
{
    return std::string(count, ' ');
}

bool hasControl(std::string_view text)
{
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// Line breaks and marks that YAML counts as breaks or not printable, beyond ASCII: U+0085, U+2028, U+2029, U+FEFF.
bool hasOddUnicode(std::string_view text)
{
    return text.contains("\xc2\x85") || text.contains("\xe2\x80\xa8") || text.contains("\xe2\x80\xa9") ||
           text.contains("\xef\xbb\xbf");
}

bool isPlain(std::string_view text, bool isFlow)
{
    if (text.empty() || text.front() == ' ' || text.back() == ' ' || hasControl(text) || hasOddUnicode(text))
        return false;
    if (std::string_view("-?:,[]{}#&*!|>'\"%@`=<").contains(text.front()))
        return false;
    if (text.contains(": ") || text.contains(" #") || text.back() == ':' || text.starts_with("..."))
        return false;
    if (isFlow && text.find_first_of(",?[]{}:") != std::string_view::npos)
        return false;
    return api::resolveYamlScalar(text).is_string() && text != ".inf" && text != "-.inf" && text != ".nan";
}

std::string singleQuoted(std::string_view text)
{
    std::string out = "'";
    for (const char c : text) {
        out += c;
        if (c == '\'')
            out += c;
    }
    return out + "'";
}

/// A JSON string is a YAML double-quoted scalar; what YAML does not print is escaped besides.
std::string doubleQuoted(std::string_view text)
{
    auto out = api::writeJson(api::Value(text));
    for (const auto& [from, to] :
         {std::pair{"\xc2\x85", "\\u0085"}, std::pair{"\xe2\x80\xa8", "\\u2028"}, std::pair{"\xe2\x80\xa9", "\\u2029"},
          std::pair{"\xef\xbb\xbf", "\\ufeff"}, std::pair{"\x7f", "\\u007f"}})
        for (auto at = out.find(from); at != std::string::npos; at = out.find(from, at))
            out.replace(at, std::string_view(from).size(), to);
    return out;
}

std::string renderText(std::string_view text, const Habits& habits, bool isFlow, NodeStyle style)
{
    if (habits.isJson || style == NodeStyle::DoubleQuoted)
        return doubleQuoted(text);
    const bool canBeSingle = !hasControl(text) && !hasOddUnicode(text);
    if (style == NodeStyle::SingleQuoted && canBeSingle)
        return singleQuoted(text);
    if (isPlain(text, isFlow))
        return std::string(text);
    return habits.isSingleQuoted && canBeSingle ? singleQuoted(text) : doubleQuoted(text);
}

void appendBlock(std::string& out, const api::Value& value, const Habits& habits, std::size_t column);

/// After "key:" or "-".
void appendChild(std::string& out, const api::Value& child, const Habits& habits, std::size_t column, bool isItem)
{
    if (!isBlockValue(child)) {
        out += ' ' + renderInline(child, habits, false);
        return;
    }
    if (const auto* text = child.if_string()) {
        out += ' ' + renderLiteral({text->data(), text->size()}, habits, column + (isItem ? 2 : habits.step));
        return;
    }
    if (isItem) {
        out += ' ';
        appendBlock(out, child, habits, column + 2);
        return;
    }
    const auto inner = column + (child.is_array() ? habits.sequenceStep : habits.step);
    out += habits.lineEnding + blanks(inner);
    appendBlock(out, child, habits, inner);
}

void appendBlock(std::string& out, const api::Value& value, const Habits& habits, std::size_t column)
{
    bool isFirst = true;
    const auto next = [&] {
        if (!isFirst)
            out += habits.lineEnding + blanks(column);
        isFirst = false;
    };
    if (const auto* array = value.if_array()) {
        for (const auto& item : *array) {
            next();
            out += '-';
            appendChild(out, item, habits, column, true);
        }
        return;
    }
    for (const auto& member : value.get_object()) {
        next();
        out += renderEntry({member.key().data(), member.key().size()}, member.value(), habits, column);
    }
}

} // namespace

Habits Habits::of(const Tree& tree, std::string_view text)
{
    Habits habits;
    const auto newline = text.find('\n');
    if (newline != std::string_view::npos && newline > 0 && text[newline - 1] == '\r')
        habits.lineEnding = "\r\n";
    bool knowsStep = false;
    bool knowsSequence = false;
    std::size_t single = 0, twice = 0;
    for (NodeId id = 0; tree.root() != noNode && id < tree.size(); ++id) {
        const auto& node = tree.node(id);
        single += node.style == NodeStyle::SingleQuoted;
        twice += node.style == NodeStyle::DoubleQuoted;
        if (node.style != NodeStyle::Block || node.parent == noNode || tree.node(node.parent).kind != NodeKind::Map)
            continue;
        const auto outer = tree.node(node.parent).column;
        if (node.kind == NodeKind::Map && !knowsStep && node.column > outer) {
            habits.step = node.column - outer;
            knowsStep = true;
        } else if (node.kind == NodeKind::Sequence && !knowsSequence && node.column >= outer) {
            habits.sequenceStep = node.column - outer;
            knowsSequence = true;
        }
    }
    habits.isSingleQuoted = single > twice;
    if (tree.root() != noNode) {
        const auto& root = tree.node(tree.root());
        habits.isJson =
            root.style == NodeStyle::Flow && (root.members.empty() || root.members.front().key == noNode ||
                                              tree.node(root.members.front().key).style == NodeStyle::DoubleQuoted);
    }
    return habits;
}

bool isBlockValue(const api::Value& value)
{
    if (const auto* object = value.if_object())
        return !object->empty();
    if (const auto* array = value.if_array())
        return !array->empty();
    const auto* text = value.if_string();
    return text && text->find('\n') != boost::json::string::npos &&
           !renderLiteral({text->data(), text->size()}, {}, 2).empty();
}

std::string renderInline(const api::Value& value, const Habits& habits, bool isFlow, NodeStyle style)
{
    if (const auto* text = value.if_string())
        return renderText({text->data(), text->size()}, habits, isFlow, style);
    return value.is_number() ? api::numberText(value) : api::writeJson(value);
}

std::string renderFlow(const api::Value& value, const Habits& habits)
{
    if (const auto* array = value.if_array()) {
        std::string out = "[";
        for (const auto& item : *array)
            out += (out.size() > 1 ? ", " : "") + renderFlow(item, habits);
        return out + "]";
    }
    if (const auto* object = value.if_object()) {
        std::string out = "{";
        for (const auto& member : *object)
            out += (out.size() > 1 ? ", " : "") + renderKey({member.key().data(), member.key().size()}, habits, true) +
                   ": " + renderFlow(member.value(), habits);
        return out + "}";
    }
    return renderInline(value, habits, true);
}

std::string renderBlock(const api::Value& value, const Habits& habits, std::size_t column)
{
    std::string out;
    appendBlock(out, value, habits, column);
    return out;
}

std::string renderLiteral(std::string_view text, const Habits& habits, std::size_t column)
{
    const auto end = text.find_last_not_of('\n');
    if (end == std::string_view::npos || text.front() == ' ' || text.front() == '\n' || text.front() == '\t' ||
        hasOddUnicode(text))
        return {};
    const bool isPrintable = std::ranges::all_of(
        text, [](char c) { return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\n' || c == '\t'; });
    if (!isPrintable)
        return {};
    const auto newlines = text.size() - end - 1;
    std::string out = newlines == 0 ? "|-" : newlines == 1 ? "|" : "|+";
    const auto body = newlines == 0 ? text : text.substr(0, text.size() - 1);
    for (std::size_t at = 0; at <= body.size();) {
        const auto stop = std::min(body.find('\n', at), body.size());
        out += habits.lineEnding;
        if (stop > at)
            out += blanks(column);
        out += body.substr(at, stop - at);
        at = stop + 1;
    }
    return out;
}

std::string renderEntry(std::string_view key, const api::Value& value, const Habits& habits, std::size_t column)
{
    auto out = renderKey(key, habits, false) + ":";
    appendChild(out, value, habits, column, false);
    return out;
}

std::string renderItem(const api::Value& value, const Habits& habits, std::size_t column)
{
    std::string out = "-";
    appendChild(out, value, habits, column, true);
    return out;
}

std::string renderFlowLines(const api::Value& value, const Habits& habits, std::size_t column)
{
    const auto* object = value.if_object();
    const auto* array = value.if_array();
    if ((!object || object->empty()) && (!array || array->empty()))
        return renderFlow(value, habits);
    const auto inner = column + habits.step;
    std::string out = object ? "{" : "[";
    const auto next = [&] { out += (out.size() > 1 ? "," : "") + habits.lineEnding + blanks(inner); };
    for (std::size_t i = 0; array && i < array->size(); ++i) {
        next();
        out += renderFlowLines((*array)[i], habits, inner);
    }
    for (auto member = object ? object->begin() : nullptr; object && member != object->end(); ++member) {
        next();
        out += renderKey({member->key().data(), member->key().size()}, habits, true) + ": " +
               renderFlowLines(member->value(), habits, inner);
    }
    return out + habits.lineEnding + blanks(column) + (object ? "}" : "]");
}

std::string renderKey(std::string_view key, const Habits& habits, bool isFlow)
{
    return renderText(key, habits, isFlow, NodeStyle::Plain);
}

} // namespace keelson::document
