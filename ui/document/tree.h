// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/value.h"
#include "document/path.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::document {

/// Bytes [begin, end) of the text that a tree was read from.
struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;

    std::size_t size() const { return end - begin; }
    bool operator==(const Span&) const = default;
};

enum class NodeKind { Map, Sequence, Scalar, Alias };
enum class NodeStyle { Block, Flow, Plain, SingleQuoted, DoubleQuoted, Literal, Folded, Empty };

using NodeId = std::uint32_t;
inline constexpr NodeId noNode = 0xffff'ffff;

/// An entry of a map, or an item of a sequence (then without a key).
struct Member {
    NodeId key = noNode;
    NodeId value = noNode;
    std::size_t begin = 0;                ///< Of the entry: its '-', its '?', or its key.
    std::optional<std::size_t> separator; ///< The ':' of an entry, where there is one.
};

/// A value where it stands in the text.
struct Node {
    NodeKind kind = NodeKind::Scalar;
    NodeStyle style = NodeStyle::Plain;
    Span content;          ///< Without anchor and tag. Empty style: the place where a value would go.
    std::size_t begin = 0; ///< With anchor and tag.
    std::string text;      ///< Scalar: as the parser understood it. Alias: the name.
    std::string anchor;    ///< Its name, without '&'.
    bool hasTag = false;   ///< An explicit tag stands before the content.
    bool isText = false;   ///< Scalar: text by its quotes or tag, whatever it looks like.
    NodeId parent = noNode;
    NodeId target = noNode; ///< Alias: what it names.
    std::size_t column = 0; ///< Block collection: of its entries, in bytes from the start of the line.
    std::vector<Member> members;
};

/// What is wrong with the text of one document, where. Lines and columns from 0, columns in bytes.
struct SyntaxError {
    std::size_t offset = 0;
    std::size_t line = 0;
    std::size_t column = 0;
    std::string message; ///< Without a full stop.
    std::string advice;  ///< How it is cured: sentences.
};

/// One document as a tree over its text: which value stands where, in which style. Built from yaml-cpp's events and
/// marks; the ends, which the events do not tell, are found by reading on from the marks.
///
/// Immutable once read; any thread.
class Tree {
public:
    /// Reads one document, given with its `---` line, when it has one. Never throws; a text that is no YAML gives a
    /// tree without root and with an `error`. Depth is limited to api::documentDepthMax.
    static Tree read(std::string_view text);

    const std::optional<SyntaxError>& error() const { return m_error; }
    /// noNode: nothing but blanks and comments, or an error.
    NodeId root() const { return m_root; }
    const Node& node(NodeId id) const { return m_nodes[id]; }
    std::size_t size() const { return m_nodes.size(); }
    /// False where the text is read, but its places could not be told for certain: it may be shown, not edited by path.
    bool isExact() const { return m_exact; }

    /// The value of the root in which aliases are kept: `{"*": name}` where an alias stands, and "<<" as a key like any
    /// other. Two texts with the same outline differ in style alone.
    api::Value outline() const;
    api::Value outline(NodeId id) const;

    /// The node at a path; noNode when it is not there. An alias on the way ends the search: the node is the alias when
    /// it is last, else noNode. Of keys that occur twice, the last.
    NodeId find(const Path& path) const;
    /// The value node of that key in a map; noNode when there is none.
    NodeId child(NodeId map, std::string_view key) const;
    /// The index of the member that holds the node as its value.
    std::optional<std::size_t> memberIndex(NodeId map, NodeId value) const;
    /// The key as JSON would have it: `8080:` is "8080", `yes:` is "true".
    std::string keyText(const Member& member) const;
    /// The path of a node (a value).
    Path pathOf(NodeId id) const;
    /// The deepest value whose entry holds the offset; the root when none does, noNode without a root.
    NodeId at(std::size_t offset) const;
    /// Where a member ends: after its value, or its key when it has no value.
    std::size_t memberEnd(const Member& member) const;

private:
    friend class TreeBuilder;
    std::vector<Node> m_nodes;
    NodeId m_root = noNode;
    bool m_exact = true;
    std::optional<SyntaxError> m_error;
};

} // namespace keelson::document
