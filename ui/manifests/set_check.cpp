// SPDX-License-Identifier: GPL-3.0-or-later
#include "manifests/set_check.h"

#include "manifests/hints.h"
#include "manifests/references.h"

#include <algorithm>
#include <tuple>

namespace keelson::manifests {

SetReport SetCheck::check(const std::vector<DocumentText>& documents, const document::Kinds& kinds, Surroundings around,
                          const std::set<std::string, std::less<>>& off)
{
    std::map<std::size_t, Kept> kept;
    around.objects.clear();
    for (const auto& one : documents) {
        auto& now = kept[one.source];
        if (const auto before = m_kept.find(one.source);
            before != m_kept.end() && before->second.revision == one.revision) {
            now = std::move(before->second);
        } else {
            now = {one.revision, one.text, one.tree, nullptr, {}};
            now.found = document::diagnose(now.text, *now.tree, kinds);
            if (auto value = api::parseYaml(now.text); value && !now.tree->error())
                now.value = *std::move(value);
        }
        const auto* kind = kinds.find(api::stringAt(now.value, {"apiVersion"}), api::stringAt(now.value, {"kind"}));
        addObject(around, now.value, kind == nullptr || kind->namespaced, one.source);
    }
    m_kept = std::move(kept);
    SetReport report;
    for (const auto& [source, one] : m_kept) {
        auto found = one.found;
        std::ranges::move(checkReferences(one.text, *one.tree, one.value, source, around), std::back_inserter(found));
        const std::string kind(api::stringAt(one.value, {"kind"}));
        std::ranges::move(checkPractices(one.text, *one.tree, kind, one.value, off), std::back_inserter(found));
        std::ranges::sort(found, {}, [](const document::Diagnostic& each) {
            return std::tie(each.span.begin, each.severity, each.code, each.message);
        });
        report.found.emplace(source, std::move(found));
    }
    report.surroundings = std::make_shared<const Surroundings>(std::move(around));
    return report;
}

} // namespace keelson::manifests
