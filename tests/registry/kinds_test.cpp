// SPDX-License-Identifier: Apache-2.0
#include "registry/cluster.h"

#include "api/table.h"
#include "support/golden_kinds.h"

#include <boost/algorithm/string/replace.hpp>

namespace keelson::registry {
namespace {

/// The cells in one line; those of priority over 0 behind a bar. The object's own identity reads UID.
std::string row(const Kind& kind, const Value& object, WallTime now)
{
    const auto cells = api::tableCells(kind, object, now);
    const auto columns = api::tableColumns(kind);
    std::string line;
    for (std::size_t at = 0; at < cells.size(); ++at) {
        line += at == 0 ? "" : columns[at].at("priority") == 0 ? "  " : " | ";
        line += cells[at].is_string() ? std::string(cells[at].get_string()) : api::writeJson(cells[at]);
    }
    if (const auto uid = api::stringAt(object, {"metadata", "uid"}); !uid.empty())
        boost::replace_all(line, uid, "UID");
    return line;
}

TEST(Kinds, areCreatedReadListedAndRemoved)
{
    Cluster cluster;
    for (const auto& member : support::goldenKinds().get_object()) {
        const std::string name(member.key());
        if (!member.value().get_object().contains("row"))
            continue;
        const auto& kind = Cluster::kind(name);
        auto given = member.value().at("given");
        const auto created = cluster.registry->create(cluster.context, kind, kind.namespaced ? "default" : "", given);
        ASSERT_EQ(outcome(created), "ok") << name;
        const auto& key = (*created)->key;
        const auto object = cluster.get(name, key.name);
        EXPECT_EQ(row(kind, object, cluster.clock.wall()), at(member.value(), {"row"})) << name;
        EXPECT_EQ(cluster.names(name), key.name);
        EXPECT_EQ(outcome(cluster.update(name, key.name, object)), "ok") << name;
        if (kind.hasStatus)
            EXPECT_EQ(outcome(cluster.update(name, key.name, object, "status")), "ok") << name;
        if (kind.scale)
            EXPECT_EQ(outcome(cluster.registry->patchScale(cluster.context, kind, key, api::PatchType::Merge,
                                                           Cluster::document("{spec: {replicas: 2}}"))),
                      "ok")
                << name;
        EXPECT_EQ(outcome(cluster.remove(name, key.name)), "ok") << name;
    }
}

TEST(Kinds, jobsSelectThePodsThatCarryTheirIdentity)
{
    Cluster cluster;
    const auto job = support::goldenKinds().at("Job").at("given");
    ASSERT_EQ(outcome(cluster.registry->create(cluster.context, Cluster::kind("Job"), "default", job)), "ok");
    const auto object = cluster.get("Job", "x");
    const std::string uid(api::stringAt(object, {"metadata", "uid"}));
    EXPECT_EQ(api::writeJson(object.at("spec").at("selector")),
              R"({"matchLabels":{"batch.kubernetes.io/controller-uid":")" + uid + R"("}})");
    const auto& labels = object.at("spec").at("template").at("metadata").at("labels");
    for (const auto* const label : {"batch.kubernetes.io/controller-uid", "controller-uid"})
        EXPECT_EQ(api::stringAt(labels, {label}), uid) << label;
    for (const auto* const label : {"batch.kubernetes.io/job-name", "job-name"})
        EXPECT_EQ(api::stringAt(labels, {label}), "x") << label;
    EXPECT_EQ(api::stringAt(labels, {"a"}), "b");
}

} // namespace
} // namespace keelson::registry
