// SPDX-License-Identifier: Apache-2.0
#include "ui/live_cluster.h"

#include "editor/yaml_tab.h"
#include "models/read.h"
#include "topology/topology_page.h"
#include "topology/topology_view.h"
#include "workloads/inspector.h"
#include "workloads/object_page.h"
#include "workloads/overview_page.h"
#include "workloads/row_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QLabel>
#include <QSignalSpy>
#include <QTest>

#include <initializer_list>
#include <set>
#include <string>
#include <utility>

namespace keelson::ui {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Of an authority that has signed nothing of ours.
constexpr auto anotherAuthority = R"(-----BEGIN CERTIFICATE-----
MIIBejCCASGgAwIBAgIUAveU+xxTaKWw1X2WVSdY6F7H1bwwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHYW5vdGhlcjAgFw0yNjExMjgxODM4NDRaGA8yMTI2MTEwNDE4
Mzg0NFowEjEQMA4GA1UEAwwHYW5vdGhlcjBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABOhoGbmJSj5Uo8RlAR4cDWiwXb5VV+V1ObnTI3TSYgKwMVBwNLtStwcLiJwB
BajWay1VJYmyyECJhgPcpEPF1P6jUzBRMB0GA1UdDgQWBBS/0U7EZKdyT2GtWQoA
N2QzMirDsDAfBgNVHSMEGDAWgBS/0U7EZKdyT2GtWQoAN2QzMirDsDAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIH0TW/ZdntIjX+QRXpBUMsTjrkQc
l/6UteaNOuyDsdirAiAxPaNxA30lzRey74t57mw/PQ0VPRrY/UHn3WVFuYcNZQ==
-----END CERTIFICATE-----
)";

/// All that the labels of a page say.
QString said(const QWidget& page)
{
    QStringList texts;
    for (const auto* label : page.findChildren<QLabel*>())
        texts << label->text();
    return texts.join(QLatin1Char('\n'));
}

class Window : public testing::Test {
protected:
    static void SetUpTestSuite() { s_live = new LiveCluster; }
    static void TearDownTestSuite()
    {
        delete s_live;
        s_live = nullptr;
    }
    void SetUp() override { ASSERT_TRUE(s_live->ready()) << s_live->log(); }

    Cluster& cluster() { return s_live->cluster(); }
    LiveCluster& live() { return *s_live; }
    ItemPtr find(const char* kind, const char* name)
    {
        return cluster().store(QLatin1String(kind))->findByName(QStringLiteral("default"), QLatin1String(name));
    }

    static LiveCluster* s_live;
};

LiveCluster* Window::s_live = nullptr;

TEST_F(Window, connectsWithTheKubeconfigsCertificate)
{
    QSignalSpy connected(&cluster(), &Cluster::connected);
    cluster().connectNow();
    ASSERT_TRUE(eventually([&] { return connected.size() == 1; }));
    EXPECT_TRUE(cluster().serverVersion().startsWith(QLatin1String("v1."))) << cluster().serverVersion().toStdString();
}

TEST_F(Window, saysWhyItCannotConnect)
{
    auto access = cluster().client().access();
    access.server.setPort(1);
    Cluster nowhere(access, realTime);
    std::string message;
    QObject::connect(&nowhere, &Cluster::connectionFailed, &nowhere,
                     [&](const Error& error) { message = error.message; });
    nowhere.connectNow();
    ASSERT_TRUE(eventually([&] { return !message.empty(); }));
    EXPECT_NE(message.find("connection refused"), std::string::npos) << message;
}

TEST_F(Window, refusesAServerOfAnotherAuthority)
{
    auto access = cluster().client().access();
    const auto refusal = [&] {
        Cluster stranger(access, realTime);
        std::string message;
        QObject::connect(&stranger, &Cluster::connectionFailed, &stranger,
                         [&](const Error& error) { message = error.message; });
        stranger.connectNow();
        EXPECT_TRUE(eventually([&] { return !message.empty(); }));
        return message;
    };
    const auto host = access.server.authority().toStdString();
    access.caPem.clear(); // the system does not know our authority
    EXPECT_THAT(refusal(), AllOf(HasSubstr("no trusted connection to " + host + ": its certificate is of another"),
                                 HasSubstr("this system's authorities"), HasSubstr("Take the kubeconfig")));
    access.caPem = anotherAuthority;
    EXPECT_THAT(refusal(), HasSubstr("certificate-authority-data of cluster \"" + access.cluster.toStdString() + "\""));
    access.caFile = QStringLiteral("/etc/team/ca.crt");
    EXPECT_THAT(refusal(), HasSubstr("is trusted here (/etc/team/ca.crt)"));
}

TEST_F(Window, saysThatItsTokenIsNotKnown)
{
    auto access = cluster().client().access();
    access.certificatePem.clear();
    access.keyPem.clear();
    access.token = "no-such-token";
    Cluster stranger(access, realTime);
    std::string message;
    QObject::connect(&stranger, &Cluster::connectionFailed, &stranger,
                     [&](const Error& error) { message = error.message; });
    stranger.connectNow();
    ASSERT_TRUE(eventually([&] { return !message.empty(); }));
    EXPECT_THAT(message, HasSubstr("the bearer token is not known to this cluster"));
    EXPECT_THAT(message, testing::Not(HasSubstr("no-such-token"))) << "it stays a secret";
}

TEST_F(Window, tableFollowsWhatHappens)
{
    ObjectPage page(cluster(), *findKind(QStringLiteral("configmaps")));
    page.resize(900, 500);
    page.show();
    ASSERT_TRUE(eventually([&] { return page.isSettled(); }));
    const auto path = QStringLiteral("/api/v1/namespaces/default/configmaps");
    QSignalSpy resets(page.model(), &QAbstractItemModel::modelReset);

    ASSERT_TRUE(live().call("POST", path, R"({"metadata":{"name":"one"},"data":{"a":"1"}})"));
    ASSERT_TRUE(eventually([&] { return find("configmaps", "one") != nullptr; }));
    const int row = page.model()->rowOf(find("configmaps", "one")->uid);
    ASSERT_GE(row, 0);
    EXPECT_EQ(page.model()->item(row)->cells[0].text.toStdString(), "1");

    ASSERT_TRUE(
        live().call("PUT", path + QStringLiteral("/one"), R"({"metadata":{"name":"one"},"data":{"a":"1","b":"2"}})"));
    EXPECT_TRUE(eventually([&] { return find("configmaps", "one")->cells[0].text == QLatin1String("2"); }));
    ASSERT_TRUE(live().call("DELETE", path + QStringLiteral("/one")));
    EXPECT_TRUE(eventually([&] { return !find("configmaps", "one"); }));
    EXPECT_EQ(resets.size(), 0) << "a live update never resets the table";
}

/// "NAMESPACE/NAME ..." of all objects of a kind, as the server lists them.
std::set<std::string> listed(LiveCluster& live, const KindInfo& kind)
{
    const auto answer = live.call("GET", kind.path({}, {}));
    EXPECT_TRUE(answer) << kind.id.toStdString();
    std::set<std::string> names;
    if (const auto* items = answer ? api::find(*answer->document, {"items"}) : nullptr; items && items->is_array()) {
        for (const auto& each : items->as_array())
            names.insert(std::string(api::stringAt(each, {"metadata", "namespace"})) + "/" +
                         std::string(api::stringAt(each, {"metadata", "name"})));
    }
    return names;
}

TEST_F(Window, eachKindHasATableOfWhatIsThere)
{
    live().createApplication(QStringLiteral("tabled"), 1);
    const std::string in = "/api/v1/namespaces/default/";
    const std::string rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/";
    const std::string named = R"({"metadata":{"name":"tabled"}})";
    for (const auto& [path, body] : std::initializer_list<std::pair<std::string, std::string>>{
             {"/api/v1/nodes", named},
             {in + "configmaps", named},
             {in + "secrets", named},
             {in + "events",
              R"({"metadata":{"name":"tabled"},"involvedObject":{"kind":"Pod","namespace":"default","name":"p"}})"},
             {rbac + "roles", named},
             {rbac + "rolebindings", R"({"metadata":{"name":"tabled"},
                 "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"tabled"}})"},
             {"/apis/coordination.k8s.io/v1/namespaces/default/leases", named},
         }) {
        const auto made = live().call("POST", QString::fromStdString(path), QByteArray::fromStdString(body));
        ASSERT_TRUE(made) << path << ": " << made.error().message;
    }
    for (const auto& kind : kinds()) {
        ObjectPage page(cluster(), kind);
        page.resize(900, 500);
        page.show();
        const auto shown = [&] {
            std::set<std::string> names;
            for (int row = 0; row < page.model()->rowCount(); ++row)
                names.insert((page.model()->item(row)->nameSpace + QLatin1Char('/') + page.model()->item(row)->name)
                                 .toStdString());
            return names;
        };
        EXPECT_TRUE(eventually([&] { return page.isSettled() && !shown().empty() && shown() == listed(live(), kind); }))
            << kind.id.toStdString() << ": " << testing::PrintToString(shown()) << " instead of "
            << testing::PrintToString(listed(live(), kind));
    }
    EXPECT_TRUE(live().call("DELETE", QStringLiteral("/api/v1/nodes/tabled"))); // the others' cluster has none
}

TEST_F(Window, editsAndAppliesAfterTheServersDryRun)
{
    const auto path = QStringLiteral("/api/v1/namespaces/default/configmaps");
    ASSERT_TRUE(live().call("POST", path, R"({"metadata":{"name":"edited"},"data":{"color":"red"}})"));
    const auto lease = cluster().watch(QStringLiteral("configmaps"));
    ASSERT_TRUE(eventually([&] { return find("configmaps", "edited") != nullptr; }));

    YamlTab tab(cluster(), find("configmaps", "edited"));
    ASSERT_TRUE(eventually([&] { return tab.isLoaded(); }));
    EXPECT_TRUE(tab.text().contains(QLatin1String("color: red"))) << tab.text().toStdString();
    tab.setText(tab.text().replace(QLatin1String("color: red"), QLatin1String("color: blue")));
    tab.apply();
    ASSERT_TRUE(eventually([&] { return tab.isComparing(); }));
    const auto before = live().call("GET", path + QStringLiteral("/edited"));
    EXPECT_EQ(api::stringAt(*before->document, {"data", "color"}), "red") << "a dry run changes nothing";

    QSignalSpy applied(&tab, &YamlTab::applied);
    tab.confirmApply();
    ASSERT_TRUE(eventually([&] { return applied.size() == 1; }));
    const auto after = live().call("GET", path + QStringLiteral("/edited"));
    EXPECT_EQ(api::stringAt(*after->document, {"data", "color"}), "blue");
}

TEST_F(Window, marksAMistakeWhereItIs)
{
    YamlTab tab(cluster(), nullptr);
    tab.setText(QStringLiteral("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replica: 3\n"));
    ASSERT_TRUE(eventually([&] { return !tab.problems().empty(); }));
    const auto& problems = tab.problems();
    const auto unknown = std::find_if(problems.begin(), problems.end(), [](const Finding& problem) {
        return problem.what.message.contains("replica") && problem.what.line == 5;
    });
    EXPECT_NE(unknown, problems.end()) << problems.front().what.message;
}

TEST_F(Window, topologyHoldsTheRightItemsAndEdges)
{
    live().createApplication(QStringLiteral("mapped"), 2);
    TopologyPage page(cluster());
    page.resize(1000, 600);
    page.show();
    const auto count = [&](GraphEdge::Kind kind) {
        const auto& graph = page.view()->graph();
        return std::count_if(graph.edges.begin(), graph.edges.end(), [&](const GraphEdge& edge) {
            const auto& item = graph.nodes[edge.to].item;
            return edge.kind == kind && item && item->name.startsWith(QLatin1String("mapped"));
        });
    };
    // Deployment to replica set, that to two pods; the service to both.
    ASSERT_TRUE(eventually([&] { return count(GraphEdge::Kind::Owns) == 3 && count(GraphEdge::Kind::Selects) == 2; }))
        << count(GraphEdge::Kind::Owns) << " owned, " << count(GraphEdge::Kind::Selects) << " selected";
    ASSERT_TRUE(find("deployments", "mapped"));

    RowCommands commands(cluster(), &page);
    commands.scaleTo({find("deployments", "mapped")}, 9);
    const auto stack = [&]() -> const GraphNode* {
        for (const auto& node : page.view()->graph().nodes)
            if (node.kind == GraphNode::Kind::Stack && node.item && node.item->name.startsWith(QLatin1String("mapped")))
                return &node;
        return nullptr;
    };
    EXPECT_TRUE(eventually([&] { return stack() && stack()->pods.size() == 9; })) << "nine pods are one stack";
}

TEST_F(Window, inspectorReadsTheWholeObject)
{
    live().createApplication(QStringLiteral("inspected"), 1);
    const auto lease = cluster().watch(QStringLiteral("deployments"));
    ASSERT_TRUE(eventually([&] { return find("deployments", "inspected") != nullptr; }));
    Inspector inspector(cluster());
    inspector.setVisible(true);
    inspector.show(find("deployments", "inspected"));
    ASSERT_TRUE(eventually([&] { return inspector.isSettled(); }));
    EXPECT_TRUE(said(inspector).contains(QStringLiteral("\nmain\n")))
        << "its container, which no table holds: " << said(inspector).toStdString();
}

TEST_F(Window, deletesWhatIsAskedFor)
{
    live().createApplication(QStringLiteral("doomed"), 1);
    const auto lease = cluster().watch(QStringLiteral("deployments"));
    ASSERT_TRUE(eventually([&] { return find("deployments", "doomed") != nullptr; }));
    RowCommands commands(cluster(), nullptr);
    commands.removeNow({find("deployments", "doomed")});
    EXPECT_TRUE(eventually([&] { return !find("deployments", "doomed"); }));
}

TEST_F(Window, overviewIsNeverEmpty)
{
    OverviewPage page(cluster());
    page.resize(1100, 700);
    page.show();
    ASSERT_TRUE(eventually([&] { return page.isSettled(); }));
    EXPECT_TRUE(said(page).contains(QStringLiteral("No node has joined yet")));
    EXPECT_TRUE(eventually([&] { return !said(page).contains(QStringLiteral("Reading…")); }));
}

TEST_F(Window, overviewSaysNothingOfWhatItMayNotRead)
{
    auto access = cluster().client().access();
    access.certificatePem.clear(); // nobody: no rights at all
    access.keyPem.clear();
    Cluster stranger(access, realTime);
    OverviewPage page(stranger);
    page.resize(1100, 700);
    page.show();
    ASSERT_TRUE(eventually([&] { return page.isSettled(); }));
    const auto text = said(page);
    EXPECT_TRUE(text.contains(QStringLiteral("Not known: "))) << text.toStdString();
    for (const auto* claim : {"No node has joined yet", "Nothing fails", "at rest"})
        EXPECT_FALSE(text.contains(QLatin1String(claim))) << claim;
}

} // namespace
} // namespace keelson::ui
