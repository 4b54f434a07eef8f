// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/scan.h"
#include "document/syntax_words.h"
#include "document/tree.h"

#include "api/yaml_end.h"
#include "api/yaml_scalar.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <ranges>
#include <sstream>

namespace keelson::document {

namespace {

/// Where the root may stand: after the directives, comments and the "---".
std::size_t bodyBegin(std::string_view text)
{
    std::size_t line = 0;
    while (line < text.size()) {
        const auto rest = text.substr(line);
        if (rest.starts_with("---") && (rest.size() == 3 || std::string_view(" \t\r\n").contains(rest[3])))
            return line + 3;
        const auto first = skipSpaces(text, line);
        const bool isPassed = first >= text.size() || std::string_view("\r\n#%").contains(text[first]);
        if (!isPassed)
            return 0;
        line = nextLine(text, line);
    }
    return 0;
}

bool startsNull(std::string_view text)
{
    for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
        if (!text.starts_with(word))
            continue;
        const auto rest = text.substr(word.size());
        if (rest.empty() || std::string_view(" \t\r\n,]}:").contains(rest.front()))
            return true;
    }
    return false;
}

} // namespace

/// First the events make the tree with where each node begins; then one walk in the order of the text finds the ends.
class TreeBuilder : public YAML::EventHandler {
public:
    TreeBuilder(std::string_view text, Tree& tree) : m_text(text), m_tree(tree) {}

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        auto& node = m_tree.m_nodes[add(mark, anchor)];
        node.style = NodeStyle::Empty;
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        const auto known = m_anchors.find(anchor);
        const auto id = add(mark, 0);
        m_tree.m_nodes[id].kind = NodeKind::Alias;
        m_tree.m_nodes[id].target = known == m_anchors.end() ? noNode : known->second;
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override
    {
        auto& node = m_tree.m_nodes[add(mark, anchor)];
        node.text = value;
        const bool isResolved = tag.empty() || tag == "?" || tag == "tag:yaml.org,2002:int" ||
                                tag == "tag:yaml.org,2002:float" || tag == "tag:yaml.org,2002:bool";
        node.isText = !isResolved;
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override
    {
        open(mark, anchor, NodeKind::Sequence, style);
    }
    void OnSequenceEnd() override { m_open.pop_back(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override
    {
        open(mark, anchor, NodeKind::Map, style);
    }
    void OnMapEnd() override { m_open.pop_back(); }

    /// Where the innermost bracket stands that has been opened and not closed.
    std::optional<std::size_t> openBracket() const
    {
        for (const auto id : std::views::reverse(m_open)) {
            const auto& node = m_tree.m_nodes[id];
            const bool isBracket = std::string_view("[{&!").contains(charAt(node.begin)); // else a pair of a list
            if (node.style == NodeStyle::Flow && isBracket)
                return m_text.find_first_of("[{", node.begin);
        }
        return std::nullopt;
    }

    /// The parser takes one scalar without its closing quote: the last.
    std::optional<std::size_t> unclosedQuote() const
    {
        for (const auto& node : std::views::reverse(m_tree.m_nodes)) {
            if (node.kind == NodeKind::Scalar && node.style != NodeStyle::Empty)
                return api::unclosedQuote(m_text, node.begin);
        }
        return std::nullopt;
    }

    /// Finds the ends. Where the text does not look as the events say, the tree is no longer exact.
    void finish()
    {
        if (m_tree.m_nodes.empty())
            return;
        m_tree.m_root = 0;
        const auto begin = bodyBegin(m_text);
        auto& root = m_tree.m_nodes[0];
        if (root.style == NodeStyle::Empty && root.kind == NodeKind::Scalar) {
            const auto first = skipBlanksAndComments(m_text, begin);
            if (first >= m_text.size() || m_text.substr(first).starts_with("...")) {
                m_tree.m_root = noNode; // nothing but comments
                return;
            }
        }
        finishNode(0, begin, -1, false);
    }

private:
    NodeId add(const YAML::Mark& mark, YAML::anchor_t anchor)
    {
        const auto id = static_cast<NodeId>(m_tree.m_nodes.size());
        auto& node = m_tree.m_nodes.emplace_back();
        node.begin = mark.pos < 0 ? 0 : std::min(static_cast<std::size_t>(mark.pos), m_text.size());
        if (anchor)
            m_anchors.insert_or_assign(anchor, id);
        if (m_open.empty())
            return id;
        const auto parent = m_open.back();
        node.parent = parent;
        auto& members = m_tree.m_nodes[parent].members;
        const bool isMap = m_tree.m_nodes[parent].kind == NodeKind::Map;
        if (isMap && (members.empty() || members.back().value != noNode))
            members.push_back({.key = id});
        else if (isMap)
            members.back().value = id;
        else
            members.push_back({.value = id});
        return id;
    }

    void open(const YAML::Mark& mark, YAML::anchor_t anchor, NodeKind kind, YAML::EmitterStyle::value style)
    {
        if (m_open.size() >= api::documentDepthMax)
            throw YAML::RepresentationException(
                mark, fmt::format("the document is deeper than {} levels", api::documentDepthMax));
        const auto id = add(mark, anchor);
        m_tree.m_nodes[id].kind = kind;
        m_tree.m_nodes[id].style = style == YAML::EmitterStyle::Flow ? NodeStyle::Flow : NodeStyle::Block;
        const auto parent = m_tree.m_nodes[id].parent;
        if (parent != noNode && m_tree.m_nodes[parent].kind == NodeKind::Map &&
            m_tree.m_nodes[parent].members.back().key == id)
            m_tree.m_exact = false; // What stands in a key has no path.
        m_open.push_back(id);
    }

    Node& node(NodeId id) { return m_tree.m_nodes[id]; }
    char charAt(std::size_t at) const { return at < m_text.size() ? m_text[at] : '\0'; }

    /// Passes anchor and tag, which it notes; returns where the content begins.
    std::size_t passProperties(Node& entry, std::size_t at)
    {
        while (charAt(at) == '&' || charAt(at) == '!') {
            const bool isAnchor = m_text[at] == '&';
            auto end = at + 1;
            while (end < m_text.size() && !std::string_view(" \t\r\n,]}").contains(m_text[end]))
                ++end;
            if (isAnchor)
                entry.anchor = m_text.substr(at + 1, end - at - 1);
            else
                entry.hasTag = true;
            m_propertiesEnd = end;
            at = skipBlanksAndComments(m_text, end);
        }
        return at;
    }

    /// Whether a null is written out at `at`, rather than left out.
    bool isWrittenNull(std::size_t after, std::size_t at, std::ptrdiff_t parentColumn, bool isFlow) const
    {
        const char c = charAt(at);
        if (c != '&' && c != '!' && !startsNull(m_text.substr(std::min(at, m_text.size()))))
            return false;
        const bool isSameLine = lineBegin(m_text, after) == lineBegin(m_text, at);
        return isFlow || isSameLine || static_cast<std::ptrdiff_t>(columnOf(m_text, at)) > parentColumn;
    }

    void finishNull(Node& entry, std::size_t after, std::ptrdiff_t parentColumn, bool isFlow)
    {
        auto at = skipBlanksAndComments(m_text, after);
        if (!isWrittenNull(after, at, parentColumn, isFlow)) {
            entry.begin = after;
            entry.content = {after, after};
            return;
        }
        entry.begin = at;
        m_propertiesEnd = at;
        const auto begin = passProperties(entry, at);
        if (!startsNull(m_text.substr(std::min(begin, m_text.size()))) ||
            !isWrittenNull(m_propertiesEnd, begin, parentColumn, isFlow)) {
            entry.content = {m_propertiesEnd, m_propertiesEnd};
            return;
        }
        entry.style = NodeStyle::Plain;
        entry.text = charAt(begin) == '~' ? "~" : m_text.substr(begin, 4);
        entry.content = {begin, begin + entry.text.size()};
    }

    void finishScalar(Node& entry, std::size_t begin, std::ptrdiff_t parentColumn, bool isFlow)
    {
        const char c = charAt(begin);
        auto end = begin;
        if (c == '"' || c == '\'') {
            entry.style = c == '"' ? NodeStyle::DoubleQuoted : NodeStyle::SingleQuoted;
            end = quotedEnd(m_text, begin);
        } else if (!isFlow && (c == '|' || c == '>')) {
            entry.style = c == '|' ? NodeStyle::Literal : NodeStyle::Folded;
            end = blockScalarEnd(m_text, begin, parentColumn);
        } else if (entry.text.empty()) {
            entry.style = NodeStyle::Empty;
            begin = end = m_propertiesEnd;
        } else {
            end = plainEnd(m_text, begin, parentColumn, isFlow);
        }
        entry.content = {begin, end};
    }

    /// `after` is where the node may begin at the earliest; returns where it ends.
    std::size_t finishNode(NodeId id, std::size_t after, std::ptrdiff_t parentColumn, bool isFlow)
    {
        auto& entry = node(id);
        if (entry.kind == NodeKind::Scalar && entry.style == NodeStyle::Empty) {
            finishNull(entry, after, parentColumn, isFlow);
            return entry.content.end;
        }
        if (entry.begin < after) {
            m_tree.m_exact = false;
            entry.begin = after;
        }
        if (entry.kind == NodeKind::Map && entry.style == NodeStyle::Block) {
            finishBlockMap(id, entry.begin, parentColumn);
            return node(id).content.end;
        }
        m_propertiesEnd = entry.begin;
        const auto begin = passProperties(entry, entry.begin);
        if (entry.kind == NodeKind::Alias) {
            auto end = begin + 1;
            while (end < m_text.size() && !std::string_view(" \t\r\n,]}").contains(m_text[end]))
                ++end;
            m_tree.m_exact = m_tree.m_exact && charAt(begin) == '*';
            end = std::min(end, m_text.size());
            entry.text = m_text.substr(std::min(begin + 1, end), end - std::min(begin + 1, end));
            entry.content = {std::min(begin, end), end};
        } else if (entry.kind == NodeKind::Scalar) {
            finishScalar(entry, begin, parentColumn, isFlow);
        } else if (entry.style == NodeStyle::Flow) {
            finishFlow(id, begin);
        } else {
            finishBlockSequence(id, begin);
        }
        return node(id).content.end;
    }

    /// An anchor before a block map is the map's only when it stands on a line of its own; else it is the first key's.
    void finishBlockMap(NodeId id, std::size_t at, std::ptrdiff_t)
    {
        auto begin = at;
        m_propertiesEnd = at;
        if (charAt(at) == '&' || charAt(at) == '!') {
            Node probe;
            const auto content = passProperties(probe, at);
            if (lineBegin(m_text, content) != lineBegin(m_text, m_propertiesEnd)) {
                node(id).anchor = probe.anchor;
                node(id).hasTag = probe.hasTag;
                begin = content;
            }
        }
        const auto column = columnOf(m_text, begin);
        node(id).column = column;
        auto after = begin;
        for (std::size_t i = 0; i < node(id).members.size(); ++i) {
            auto member = node(id).members[i];
            const auto first = skipBlanksAndComments(m_text, after);
            member.begin = first;
            const bool isExplicit = charAt(first) == '?' && std::string_view(" \t\r\n").contains(charAt(first + 1));
            m_tree.m_exact = m_tree.m_exact && columnOf(m_text, first) == column;
            after = finishNode(member.key, isExplicit ? first + 1 : first,
                               isExplicit ? static_cast<std::ptrdiff_t>(column) : -1, false);
            after = finishValue(member, after, static_cast<std::ptrdiff_t>(column), false);
            node(id).members[i] = member;
        }
        node(id).content = {begin, after};
    }

    /// The ':' and what follows it; returns where the entry ends.
    std::size_t finishValue(Member& member, std::size_t after, std::ptrdiff_t column, bool isFlow)
    {
        const auto colon = skipBlanksAndComments(m_text, after);
        const bool isThere = charAt(colon) == ':';
        if (isThere) {
            member.separator = colon;
            after = colon + 1;
        }
        if (member.value == noNode) {
            m_tree.m_exact = false;
            return after;
        }
        if (!isThere && node(member.value).style != NodeStyle::Empty)
            m_tree.m_exact = false;
        if (!isThere) {
            node(member.value).begin = after;
            node(member.value).content = {after, after};
            return after;
        }
        return finishNode(member.value, after, column, isFlow);
    }

    void finishBlockSequence(NodeId id, std::size_t begin)
    {
        const auto column = columnOf(m_text, begin);
        node(id).column = column;
        auto after = begin;
        for (std::size_t i = 0; i < node(id).members.size(); ++i) {
            const auto dash = skipBlanksAndComments(m_text, after);
            m_tree.m_exact = m_tree.m_exact && charAt(dash) == '-' && columnOf(m_text, dash) == column;
            node(id).members[i].begin = dash;
            after = finishNode(node(id).members[i].value, std::min(dash + 1, m_text.size()),
                               static_cast<std::ptrdiff_t>(column), false);
        }
        node(id).content = {begin, after};
    }

    void finishFlow(NodeId id, std::size_t begin)
    {
        const bool isMap = node(id).kind == NodeKind::Map;
        const char opening = isMap ? '{' : '[';
        const bool isPair = isMap && charAt(begin) != '{'; // a single pair in a flow sequence: [a: b]
        m_tree.m_exact = m_tree.m_exact && (isPair || charAt(begin) == opening);
        auto after = isPair ? begin : begin + 1;
        for (std::size_t i = 0; i < node(id).members.size(); ++i) {
            auto member = node(id).members[i];
            auto first = skipBlanksAndComments(m_text, after);
            if (i > 0 && charAt(first) == ',')
                first = skipBlanksAndComments(m_text, first + 1);
            member.begin = first;
            if (isMap) {
                after = finishNode(member.key, first, -1, true);
                after = finishValue(member, after, -1, true);
            } else {
                after = finishNode(member.value, first, -1, true);
            }
            node(id).members[i] = member;
        }
        if (!isPair) {
            after = skipBlanksAndComments(m_text, after);
            if (charAt(after) == ',')
                after = skipBlanksAndComments(m_text, after + 1);
            m_tree.m_exact = m_tree.m_exact && charAt(after) == (isMap ? '}' : ']');
            after = std::min(after + 1, m_text.size());
        }
        node(id).content = {begin, after};
    }

    std::string_view m_text;
    Tree& m_tree;
    std::vector<NodeId> m_open;
    std::map<YAML::anchor_t, NodeId> m_anchors;
    std::size_t m_propertiesEnd = 0;
};

namespace {

SyntaxError errorAt(std::string_view text, std::size_t offset, const std::string& error)
{
    offset = std::min(offset, text.size());
    auto words = syntaxWords(error, text, offset);
    return {.offset = offset,
            .line = static_cast<std::size_t>(std::ranges::count(text.substr(0, offset), '\n')),
            .column = columnOf(text, offset),
            .message = std::move(words.message),
            .advice = std::move(words.advice)};
}

} // namespace

Tree Tree::read(std::string_view text)
{
    Tree tree;
    TreeBuilder builder(text, tree);
    std::optional<SyntaxError> error;
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        parser.HandleNextDocument(builder);
        api::requireNoMoreDocuments(parser);
        if (const auto quote = builder.unclosedQuote())
            error = errorAt(text, *quote, "the quote that opens here is never closed");
        else
            builder.finish();
    } catch (const YAML::Exception& exception) {
        auto offset = exception.mark.pos < 0 ? 0 : static_cast<std::size_t>(exception.mark.pos);
        if (exception.msg.contains("flow not found"))
            offset = builder.openBracket().value_or(offset);
        error = errorAt(text, offset, exception.msg);
    } catch (const std::exception& exception) {
        error = errorAt(text, 0, exception.what());
    }
    if (error) {
        tree = {};
        tree.m_error = std::move(error);
    }
    return tree;
}

} // namespace keelson::document
