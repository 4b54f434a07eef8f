// SPDX-License-Identifier: Apache-2.0
#include "network/rule_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace keelson::network {
namespace {

/// `nft` reads lines of any length, but people read them too.
constexpr std::size_t elementsPerCommand = 200;

std::string elementText(const std::string& key, const std::string& value)
{
    return value.empty() ? key : key + " : " + value;
}

void renderSet(std::string& text, const std::string& name, const RuleSet& set)
{
    const bool isMap = set.definition.contains(" : ");
    fmt::format_to(std::back_inserter(text), "\t{} {} {{\n", isMap ? "map" : "set", name);
    std::string_view rest = set.definition;
    while (!rest.empty()) {
        const auto end = rest.find(';');
        auto statement = rest.substr(0, end);
        statement.remove_prefix(std::min(statement.find_first_not_of(' '), statement.size()));
        fmt::format_to(std::back_inserter(text), "\t\t{}\n", statement);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
    if (!set.elements.empty()) {
        text += "\t\telements = {\n";
        for (const auto& [key, value] : set.elements)
            fmt::format_to(std::back_inserter(text), "\t\t\t{},\n", elementText(key, value));
        text += "\t\t}\n";
    }
    text += "\t}\n";
}

void renderChain(std::string& text, const std::string& name, const RuleChain& chain)
{
    fmt::format_to(std::back_inserter(text), "\tchain {} {{\n", name);
    if (!chain.hook.empty())
        fmt::format_to(std::back_inserter(text), "\t\t{}; policy accept;\n", chain.hook);
    for (const auto& rule : chain.rules)
        fmt::format_to(std::back_inserter(text), "\t\t{}\n", rule);
    text += "\t}\n";
}

void renderElements(std::string& text, std::string_view verb, const std::string& table, const std::string& set,
                    const std::vector<std::string>& elements)
{
    for (std::size_t i = 0; i < elements.size(); ++i) {
        if (i % elementsPerCommand == 0)
            fmt::format_to(std::back_inserter(text), "{} element ip {} {} {{ ", verb, table, set);
        const bool last = i + 1 == elements.size() || (i + 1) % elementsPerCommand == 0;
        fmt::format_to(std::back_inserter(text), "{}{}", elements[i], last ? " }\n" : ", ");
    }
}

/// Definitions are fixed once made; a table whose fixed parts differ is made anew.
bool sameFrame(const RuleTable& from, const RuleTable& to)
{
    if (from.name != to.name)
        return false;
    for (const auto& [name, chain] : to.chains) {
        const auto old = from.chains.find(name);
        if (old != from.chains.end() && old->second.hook != chain.hook)
            return false;
    }
    for (const auto& [name, set] : to.sets) {
        const auto old = from.sets.find(name);
        if (old != from.sets.end() && old->second.definition != set.definition)
            return false;
    }
    return true;
}

void addNewFrame(std::string& text, const RuleTable& from, const RuleTable& to)
{
    auto out = std::back_inserter(text);
    for (const auto& [name, set] : to.sets) {
        if (!from.sets.contains(name))
            fmt::format_to(out, "add {} ip {} {} {{ {}; }}\n", set.definition.contains(" : ") ? "map" : "set", to.name,
                           name, set.definition);
    }
    for (const auto& [name, chain] : to.chains) {
        if (from.chains.contains(name))
            continue;
        if (chain.hook.empty())
            fmt::format_to(out, "add chain ip {} {}\n", to.name, name);
        else
            fmt::format_to(out, "add chain ip {} {} {{ {}; policy accept; }}\n", to.name, name, chain.hook);
    }
}

void changeRules(std::string& text, const RuleTable& from, const RuleTable& to)
{
    auto out = std::back_inserter(text);
    for (const auto& [name, chain] : to.chains) {
        const auto old = from.chains.find(name);
        if (old != from.chains.end() && old->second == chain)
            continue;
        if (old != from.chains.end())
            fmt::format_to(out, "flush chain ip {} {}\n", to.name, name);
        for (const auto& rule : chain.rules)
            fmt::format_to(out, "add rule ip {} {} {}\n", to.name, name, rule);
    }
}

void changeElements(std::string& text, const RuleTable& from, const RuleTable& to)
{
    static const RuleSet nothing;
    for (const auto& [name, set] : to.sets) {
        const auto found = from.sets.find(name);
        const auto& old = found == from.sets.end() ? nothing : found->second;
        std::vector<std::string> gone;
        std::vector<std::string> added;
        for (const auto& [key, value] : old.elements) {
            const auto kept = set.elements.find(key);
            if (kept == set.elements.end() || kept->second != value)
                gone.push_back(elementText(key, value));
        }
        for (const auto& [key, value] : set.elements) {
            const auto before = old.elements.find(key);
            if (before == old.elements.end() || before->second != value)
                added.push_back(elementText(key, value));
        }
        renderElements(text, "delete", to.name, name, gone);
        renderElements(text, "add", to.name, name, added);
    }
}

/// All chains are emptied before the first is deleted, since they may jump to each other.
void dropOldFrame(std::string& text, const RuleTable& from, const RuleTable& to)
{
    auto out = std::back_inserter(text);
    for (const auto& [name, chain] : from.chains) {
        if (!to.chains.contains(name))
            fmt::format_to(out, "flush chain ip {} {}\n", to.name, name);
    }
    for (const auto& [name, chain] : from.chains) {
        if (!to.chains.contains(name))
            fmt::format_to(out, "delete chain ip {} {}\n", to.name, name);
    }
    for (const auto& [name, set] : from.sets) {
        if (!to.sets.contains(name))
            fmt::format_to(out, "delete {} ip {} {}\n", set.definition.contains(" : ") ? "map" : "set", to.name, name);
    }
}

} // namespace

std::string renderTable(const RuleTable& table)
{
    auto text = renderRemoval(table.name);
    fmt::format_to(std::back_inserter(text), "table ip {} {{\n", table.name);
    for (const auto& [name, set] : table.sets)
        renderSet(text, name, set);
    for (const auto& [name, chain] : table.chains)
        renderChain(text, name, chain);
    text += "}\n";
    return text;
}

std::string renderChange(const RuleTable& from, const RuleTable& to)
{
    if (!sameFrame(from, to))
        return renderTable(to);
    std::string text;
    addNewFrame(text, from, to);
    changeElements(text, from, to);
    changeRules(text, from, to);
    dropOldFrame(text, from, to);
    return text;
}

std::string renderRemoval(const std::string& tableName)
{
    return fmt::format("table ip {0}\ndelete table ip {0}\n", tableName);
}

} // namespace keelson::network
