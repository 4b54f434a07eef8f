// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/edit.h"

namespace keelson::document {

/// Splices inside collections in block style, by whole lines where it can be. The places are known to exist.
struct BlockEditor {
    const Tree& tree;
    std::string_view text;
    const Habits& habits;

    /// `key` is null for a sequence.
    std::vector<Splice> insert(NodeId collection, std::size_t position, const std::string* key,
                               const api::Value& value) const;
    /// One of several members.
    std::vector<Splice> remove(NodeId collection, std::size_t index) const;
    std::vector<Splice> move(NodeId sequence, std::size_t from, std::size_t to) const;
    std::vector<Splice> replace(NodeId id, const api::Value& value) const;
    /// The root of a document that holds none, after its comments.
    std::vector<Splice> appendRoot(const api::Value& value) const;

private:
    /// What a value is written as: what stands behind "key:" on its line, and the lines that follow.
    struct Written {
        std::string head;
        std::string lines; ///< Each with a line ending before it.
    };
    Written written(const Node& old, const api::Value& value) const;
    std::ptrdiff_t parentColumn(const Node& node) const;
    bool isItem(const Node& node) const;
    /// After the indicator, the anchor and the tag.
    std::size_t propertiesEnd(NodeId id) const;
    std::vector<Splice> replaceOnLine(NodeId id, const api::Value& value) const;
    std::vector<Splice> replaceBlock(NodeId id, const api::Value& value) const;
    std::size_t chunkBegin(const Member& member) const;
    /// Text that ends in a literal needs a line ending behind it at the end of the document.
    std::string closed(std::size_t offset, std::string entry) const;
};

} // namespace keelson::document
