// SPDX-License-Identifier: Apache-2.0
#include "topology/graph.h"

#include <gtest/gtest.h>

namespace keelson::ui {
namespace {

void add(QHash<QString, ItemPtr>& items, const char* kind, const std::string& text)
{
    const auto value = api::parseYaml(text);
    ASSERT_TRUE(value) << value.error().message;
    const auto item = projectObject(*findKind(QLatin1String(kind)), *value);
    items.insert(item->uid, item);
}

/// A deployment "web" with a replica set, that many pods, and a service in front of them.
GraphInput web(int pods)
{
    GraphInput input;
    const std::string labels = "labels: {app: web}, namespace: shop";
    add(input.nodes, "nodes", "metadata: {name: n1, uid: n1}");
    add(input.deployments, "deployments",
        "metadata: {name: web, uid: d, " + labels + "}\nspec: {selector: {matchLabels: {app: web}}}");
    add(input.replicaSets, "replicasets",
        "metadata: {name: web-1, uid: r, " + labels +
            ", ownerReferences: [{kind: Deployment, name: web, uid: d, controller: true}]}");
    for (int i = 0; i < pods; ++i) {
        const auto n = std::to_string(i);
        add(input.pods, "pods",
            "metadata: {name: web-1-" + n + ", uid: p" + n + ", " + labels +
                ", ownerReferences: [{kind: ReplicaSet, name: web-1, uid: r, controller: true}]}\n"
                "spec: {nodeName: n1}\nstatus: {phase: " +
                (i == 0 ? "Failed" : "Running") + "}");
    }
    add(input.services, "services",
        "metadata: {name: web, uid: s, namespace: shop}\nspec: {selector: {app: web}, ports: [{port: 80, targetPort: "
        "8080}]}");
    return input;
}

std::string edges(const Graph& graph)
{
    QStringList all;
    for (const auto& edge : graph.edges)
        all << QStringLiteral("%1%2%3").arg(graph.nodes[edge.from].id,
                                            edge.kind == GraphEdge::Kind::Owns      ? QStringLiteral(">")
                                            : edge.kind == GraphEdge::Kind::Selects ? QStringLiteral("~")
                                                                                    : QStringLiteral("@"),
                                            graph.nodes[edge.to].id);
    all.sort();
    return all.join(QLatin1Char(' ')).toStdString();
}

TEST(Graph, joinsOwnersPodsServicesAndNodes)
{
    EXPECT_EQ(edges(buildGraph(web(2))), "d>r p0@n1 p1@n1 r>p0 r>p1 s~p0 s~p1");
}

TEST(Graph, saysOfANodeHowOldItIsAsOfTheClock)
{
    auto input = web(1);
    add(input.pods, "pods",
        "metadata: {name: alone, uid: alone, namespace: shop, creationTimestamp: '2026-01-31T12:00:00Z'}\n"
        "spec: {nodeName: n1}\nstatus: {phase: Running}");
    const auto graph = buildGraph(input);
    const auto& node = graph.nodes[graph.indexOf(QStringLiteral("alone"))];
    const SimulatedClock clock(parseTime("2026-02-03T12:00:00Z").value());
    EXPECT_EQ(wordsOf(node, clock).join(QLatin1Char('|')).toStdString(), "alone|Pod in shop|Running|on n1|3d old");
    const SimulatedClock before(parseTime("2026-01-31T12:01:00Z").value());
    EXPECT_EQ(wordsOf(node, before).back().toStdString(), "60s old");
}

TEST(Graph, stacksManyPodsAndDropsNone)
{
    const auto graph = buildGraph(web(240));
    const int stack = graph.indexOf(QStringLiteral("stack/r/ns/shop"));
    ASSERT_GE(stack, 0);
    EXPECT_EQ(graph.nodes[stack].pods.size(), 240);
    EXPECT_EQ(graph.nodes[stack].counts.of(StatusRole::Ok), 239);
    EXPECT_EQ(graph.nodes[stack].status.role, StatusRole::Error) << "the worst of them shows";
    EXPECT_EQ(edges(graph), "d>r r>stack/r/ns/shop stack/r/ns/shop@n1 s~stack/r/ns/shop");
}

TEST(Graph, groupsByNode)
{
    auto input = web(2);
    input.groupBy = GroupBy::Node;
    const auto graph = buildGraph(input);
    EXPECT_EQ(graph.nodes[graph.indexOf(QStringLiteral("p0"))].group.toStdString(), "node/n1");
    EXPECT_EQ(graph.nodes[graph.indexOf(QStringLiteral("d"))].group.toStdString(), "ns/shop");
}

TEST(Graph, showsOnlyTheApplicationsThatAreNotWell)
{
    auto input = web(2);
    input.errorsOnly = true;
    EXPECT_GE(buildGraph(input).indexOf(QStringLiteral("p0")), 0);
    input.pods.remove(QStringLiteral("p0"));
    input.deployments.clear();
    input.replicaSets.clear();
    EXPECT_EQ(buildGraph(input).indexOf(QStringLiteral("p1")), -1);
}

TEST(Layout, keepsEveryPlaceWhenOthersComeAndGo)
{
    LayoutMemory memory;
    auto first = buildGraph(web(3));
    arrange(first, memory);
    auto input = web(3);
    add(input.deployments, "deployments", "metadata: {name: api, uid: a, namespace: shop}"); // before "web" by name
    auto second = buildGraph(input);
    arrange(second, memory);
    for (const auto* id : {"d", "r", "p0", "s"})
        EXPECT_EQ(first.nodes[first.indexOf(QLatin1String(id))].rect,
                  second.nodes[second.indexOf(QLatin1String(id))].rect)
            << id;
    EXPECT_GE(second.indexOf(QStringLiteral("a")), 0);
    for (int i = 0; i < second.nodes.size(); ++i)
        for (int k = i + 1; k < second.nodes.size(); ++k)
            EXPECT_FALSE(second.nodes[i].rect.intersects(second.nodes[k].rect)) << i << " lies over " << k;
}

} // namespace
} // namespace keelson::ui
