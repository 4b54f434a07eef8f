// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/edit.h"

namespace keelson::document {

/// Splices inside collections between braces or brackets, JSON among them. The places are known to exist.
struct FlowEditor {
    const Tree& tree;
    std::string_view text;
    const Habits& habits;

    /// `key` is null for a sequence.
    std::vector<Splice> insert(NodeId collection, std::size_t position, const std::string* key,
                               const api::Value& value) const;
    std::vector<Splice> remove(NodeId collection, std::size_t index) const;
    std::vector<Splice> move(NodeId collection, std::size_t from, std::size_t to) const;
    std::vector<Splice> replace(NodeId id, const api::Value& value) const;

private:
    /// What stands between the opening bracket and the first entry: the entry separator of this collection, but for the
    /// comma. " " where there is nothing.
    std::string gap(const Node& collection) const;
    std::string entry(const Node& collection, const std::string* key, const api::Value& value,
                      const std::string& gap) const;
};

} // namespace keelson::document
