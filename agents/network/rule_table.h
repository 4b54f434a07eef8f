// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

namespace keelson::network {

/// A named set or map of an nftables table.
struct RuleSet {
    std::string definition; ///< "type ipv4_addr . inet_proto . inet_service : verdict"; statements are parted by ';'.
    std::map<std::string, std::string> elements; ///< Key to value; the value is empty in a set.

    bool operator==(const RuleSet&) const = default;
};

struct RuleChain {
    std::string hook; ///< "type nat hook output priority dstnat"; empty for a chain that others jump to.
    std::vector<std::string> rules;

    bool operator==(const RuleChain&) const = default;
};

/// A whole IPv4 table as a value: what to have in the kernel, in an order that depends on names alone.
struct RuleTable {
    std::string name;
    std::map<std::string, RuleSet> sets;
    std::map<std::string, RuleChain> chains;

    bool operator==(const RuleTable&) const = default;
};

/// Text for `nft -f -` that replaces whatever stood under the table's name, in one transaction.
std::string renderTable(const RuleTable& table);

/// Text that leads from `from`, which must be what the kernel has, to `to`, in one transaction; empty when they are
/// equal. Sets that are filled by packets (client affinity) keep their content. Hooks and definitions that differ make
/// it a replacement of the whole table.
std::string renderChange(const RuleTable& from, const RuleTable& to);

/// Text that takes the table away, there or not.
std::string renderRemoval(const std::string& tableName);

} // namespace keelson::network
