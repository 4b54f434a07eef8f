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
        for (const auto& [place, object] : objectsOf(now.value)) {
            const auto* kind = kinds.find(api::stringAt(*object, {"apiVersion"}), api::stringAt(*object, {"kind"}));
            addObject(around, *object, kind == nullptr || kind->namespaced, one.source, place);
        }
    }
    m_kept = std::move(kept);
    SetReport report;
    for (const auto& [source, one] : m_kept) {
        auto found = one.found;
        for (const auto& [place, object] : objectsOf(one.value)) {
            const PlacedObject placed{one.text, *one.tree, *object, place};
            std::ranges::move(checkReferences(placed, source, around), std::back_inserter(found));
            std::ranges::move(checkPractices(placed, off), std::back_inserter(found));
        }
        std::ranges::sort(found, {}, [](const document::Diagnostic& each) {
            return std::tie(each.span.begin, each.severity, each.code, each.message);
        });
        report.found.emplace(source, std::move(found));
    }
    report.surroundings = std::make_shared<const Surroundings>(std::move(around));
    return report;
}

} // namespace keelson::manifests
