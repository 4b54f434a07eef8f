// SPDX-License-Identifier: Apache-2.0
#include "models/inspection.h"
#include "models/item_filter.h"
#include "models/object_table_model.h"
#include "models/read.h"

#include <gtest/gtest.h>

#include <QPersistentModelIndex>
#include <QSignalSpy>

namespace keelson::ui {
namespace {

const SimulatedClock clockOfTest;

api::Value yaml(std::string_view text)
{
    auto value = api::parseYaml(text);
    EXPECT_TRUE(value) << (value ? "" : value.error().message);
    return value ? *value : api::Value();
}

ItemPtr pod(const char* name, const char* nameSpace = "default", const char* rest = "status: {phase: Running}",
            int version = 1)
{
    return projectObject(*findKind(QStringLiteral("pods")),
                         yaml("metadata: {name: " + std::string(name) + ", uid: u-" + name +
                              ", namespace: " + nameSpace + ", resourceVersion: \"" + std::to_string(version) +
                              "\", labels: {app: web}}\n" + rest));
}

TEST(PodStatus, saysWhatTheClusterSays)
{
    const struct {
        const char* pod;
        StatusRole role;
        const char* word;
    } cases[] = {
        {"status: {phase: Running}", StatusRole::Ok, "Running"},
        {"status: {phase: Running, conditions: [{type: Ready, status: 'False'}]}", StatusRole::Progress, "Not ready"},
        {"status: {phase: Pending}", StatusRole::Waiting, "Pending"},
        {"spec: {nodeName: n1}\nstatus: {phase: Pending}", StatusRole::Progress, "ContainerCreating"},
        {"status: {phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable}]}",
         StatusRole::Error, "Unschedulable"},
        {"status: {phase: Running, containerStatuses: [{state: {waiting: {reason: CrashLoopBackOff}}}]}",
         StatusRole::Error, "CrashLoopBackOff"},
        {"status: {phase: Pending, initContainerStatuses: [{state: {waiting: {reason: ErrImagePull}}}]}",
         StatusRole::Error, "Init:ErrImagePull"},
        {"status: {phase: Succeeded, containerStatuses: [{state: {terminated: {exitCode: 0}}}]}", StatusRole::Done,
         "Completed"},
        {"status: {phase: Failed, reason: Evicted}", StatusRole::Error, "Evicted"},
        {"metadata: {deletionTimestamp: '2026-01-01T00:00:00Z'}\nstatus: {phase: Running}", StatusRole::Ending,
         "Terminating"},
    };
    for (const auto& entry : cases) {
        const auto status = podStatus(yaml(entry.pod));
        EXPECT_EQ(status.role, entry.role) << entry.pod;
        EXPECT_EQ(status.word.toStdString(), entry.word);
    }
}

TEST(Quantity, isReadInThousandths)
{
    const struct {
        const char* text;
        qint64 milli;
    } cases[] = {{"250m", 250},          {"2", 2000}, {"0.5", 500}, {"1Ki", 1024000}, {"1k", 1000000},
                 {"1Gi", 1073741824000}, {"", 0},     {"many", 0}};
    for (const auto& entry : cases)
        EXPECT_EQ(quantityMilli(QString::fromLatin1(entry.text)), entry.milli) << entry.text;
}

TEST(Quantity, isShownAsPeopleReadIt)
{
    const struct {
        const char* resource;
        const char* quantity;
        const char* text;
    } cases[] = {{"memory", "262044Mi", "256 GiB"},
                 {"memory", "512Mi", "512 MiB"},
                 {"cpu", "4000m", "4"},
                 {"cpu", "250m", "250m"},
                 {"cpu", "32", "32"},
                 {"ephemeral-storage", "10Gi", "10 GiB"},
                 {"hugepages-2Mi", "4Mi", "4 MiB"},
                 {"pods", "110", "110"},
                 {"nvidia.com/gpu", "2", "2"},
                 {"memory", "", ""}};
    for (const auto& entry : cases)
        EXPECT_EQ(quantityText(QString::fromLatin1(entry.resource), QString::fromLatin1(entry.quantity)).toStdString(),
                  entry.text);
}

TEST(Inspection, showsWhatANodeCarriesAsPeopleReadIt)
{
    const auto shown = inspect(*findKind(QStringLiteral("nodes")), yaml(R"(
metadata: {name: n1, uid: u1}
status: {allocatable: {cpu: 32000m, memory: 262044Mi, pods: "110"}}
)"));
    QStringList lines;
    for (const auto& [what, value] : shown.facts)
        lines << what + QStringLiteral(": ") + value;
    EXPECT_EQ(lines.join(QStringLiteral(", ")).toStdString(),
              "CPU for pods: 32, Memory for pods: 256 GiB, Pods at most: 110");
}

TEST(Inspection, showsWhatAConfigMapHoldsAndHidesASecret)
{
    const auto textOf = [](const char* kind, const char* object) {
        QStringList lines;
        for (const auto& content : inspect(*findKind(QLatin1String(kind)), yaml(object)).contents)
            lines << QStringLiteral("%1 %2 [%3]%4%5")
                         .arg(content.key)
                         .arg(content.bytes)
                         .arg(content.text.left(10), content.isHidden ? QStringLiteral(" hidden") : QString(),
                              content.isWhole ? QString() : QStringLiteral(" cut"));
        return lines.join(QStringLiteral(", ")).toStdString();
    };
    EXPECT_EQ(textOf("configmaps", "{data: {b: hallo, a: ''}, binaryData: {c: '/wA=', d: aGk=}}"),
              "a 0 [], b 5 [hallo], c 2 [], d 2 [hi]");
    EXPECT_EQ(textOf("configmaps", ("{data: {a: " + std::string(4'001, 'x') + "}}").c_str()),
              "a 4001 [xxxxxxxxxx] cut");
    EXPECT_EQ(textOf("secrets", "{data: {password: czNjcjN0, broken: '*'}}"),
              "broken 1 [*] hidden, password 6 [s3cr3t] hidden");
    EXPECT_EQ(textOf("services", "{data: {a: b}}"), "");
}

QString factsOf(const char* kind, const char* text)
{
    QStringList lines;
    for (const auto& [what, value] : inspect(*findKind(QString::fromLatin1(kind)), yaml(text)).facts)
        lines << what + QStringLiteral(": ") + value;
    return lines.join(QLatin1Char('\n'));
}

TEST(Inspection, saysRulesInWords)
{
    const struct {
        const char* rule;
        const char* words;
    } cases[] = {
        {"{apiGroups: [''], resources: [pods, pods/log], verbs: [get, list]}", "get/list pods, pods/log"},
        {"{apiGroups: [apps], resources: [deployments], verbs: ['*'], resourceNames: [web, db]}",
         "do anything with deployments of apps, only web, db"},
        {"{apiGroups: ['', events.k8s.io], resources: [events], verbs: [create]}",
         "create events of core, events.k8s.io"},
        {"{apiGroups: ['*'], resources: ['*'], verbs: ['*']}", "do anything with every resource of every group"},
        {"{nonResourceURLs: ['*'], verbs: ['*']}", "do anything with every URL"},
        {"{nonResourceURLs: [/healthz], verbs: [get]}", "get /healthz"},
    };
    for (const auto& entry : cases)
        EXPECT_EQ(factsOf("roles", (std::string("metadata: {name: r, uid: u1}\nrules: [") + entry.rule + "]").c_str())
                      .toStdString(),
                  std::string("Rule: ") + entry.words);
    EXPECT_EQ(factsOf("clusterroles", R"(
metadata: {name: all, uid: u1}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: all}}]}
)")
                  .toStdString(),
              "Collects from: to=all");
}

TEST(Events, areAboutOneObjectAndNotAboutItsNamesakes)
{
    const auto web = pod("web", "shop");
    const auto node = projectObject(*findKind(QStringLiteral("nodes")), yaml("metadata: {name: n1, uid: u-n1}"));
    const struct {
        const char* involved;
        const Item& object;
        bool isAbout;
    } cases[] = {
        {"{kind: Pod, namespace: shop, name: web, uid: u-web}", *web, true},
        {"{kind: Pod, namespace: shop, name: web}", *web, true},
        {"{kind: Pod, namespace: shop, name: web, uid: an-earlier-one}", *web, false},
        {"{kind: Pod, namespace: shop, name: web-1, uid: u-web-1}", *web, false},
        {"{kind: Pod, namespace: default, name: web, uid: u-web}", *web, false},
        {"{kind: Deployment, namespace: shop, name: web, uid: u-web}", *web, false},
        {"{kind: Node, name: n1, uid: u-n1}", *node, true},
        {"{kind: Node, name: n1, uid: n1}", *node, true},
        {"{kind: Node, namespace: default, name: n1, uid: n1}", *node, true},
        {"{kind: Node, name: n10, uid: n10}", *node, false},
    };
    for (const auto& entry : cases) {
        const auto event = projectObject(*findKind(QStringLiteral("events")),
                                         yaml("metadata: {name: e, uid: u-e, namespace: shop}\ninvolvedObject: " +
                                              std::string(entry.involved) + "\nmessage: about web and n1"));
        EXPECT_EQ(isAbout(*event, entry.object), entry.isAbout) << entry.involved;
        ItemFilter filter;
        filter.setAbout(std::make_shared<const Item>(entry.object));
        filter.setNameSpaces({QStringLiteral("elsewhere")});
        EXPECT_EQ(filter.matches(*event), entry.isAbout) << entry.involved;
    }
    ItemFilter filter;
    filter.setAbout(web);
    EXPECT_FALSE(filter.matches(*web)) << "only events are about something";
}

TEST(ItemFilter, holdsAllItsWords)
{
    const auto item = pod("web-1", "shop", "spec: {nodeName: n1}\nstatus: {phase: Running}");
    const struct {
        const char* text;
        bool matches;
    } cases[] = {
        {"", true},
        {"web", true},
        {"WEB", true},
        {"db", false},
        {"ns:shop", true},
        {"ns:sh", false},
        {"label:app=web", true},
        {"label:app", true},
        {"label:app=db", false},
        {"status:ok", true},
        {"status:running", true},
        {"status:error", false},
        {"node:n1 web", true},
        {"-web", false},
        {"-status:error", true},
        {"ns:", true},
        {"kind:pod", true},
        {"n1", true},
    };
    for (const auto& entry : cases)
        EXPECT_EQ(ItemFilter(QString::fromLatin1(entry.text)).matches(*item), entry.matches) << entry.text;
    ItemFilter elsewhere;
    elsewhere.setNameSpaces({QStringLiteral("payments")});
    EXPECT_FALSE(elsewhere.matches(*item));
}

QString names(const ObjectTableModel& model)
{
    QStringList all;
    for (int row = 0; row < model.rowCount(); ++row)
        all << model.item(row)->name;
    return all.join(QLatin1Char(' '));
}

TEST(ObjectTableModel, followsChangesRowByRowAndNeverResets)
{
    ObjectStore store(*findKind(QStringLiteral("pods")));
    ObjectTableModel model(store, clockOfTest);
    store.apply(
        {{QStringLiteral("u-b"), pod("b")}, {QStringLiteral("u-d"), pod("d")}, {QStringLiteral("u-f"), pod("f")}});
    EXPECT_EQ(names(model).toStdString(), "b d f");

    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    const QPersistentModelIndex held = model.index(1, 0);
    store.apply(
        {{QStringLiteral("u-a"), pod("a")}, {QStringLiteral("u-c"), pod("c")}, {QStringLiteral("u-g"), pod("g")}});
    EXPECT_EQ(names(model).toStdString(), "a b c d f g");
    EXPECT_EQ(held.row(), 3) << "a row that something points at moves with its object";

    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    store.apply({{QStringLiteral("u-d"), pod("d", "default", "status: {phase: Failed}", 2)}});
    EXPECT_EQ(changed.size(), 1);
    EXPECT_EQ(model.item(3)->status.role, StatusRole::Error);

    store.apply({{QStringLiteral("u-b"), nullptr}, {QStringLiteral("u-c"), nullptr}});
    EXPECT_EQ(names(model).toStdString(), "a d f g");
    model.sort(0, Qt::DescendingOrder);
    EXPECT_EQ(names(model).toStdString(), "g f d a");
    EXPECT_EQ(held.row(), 2);
    EXPECT_EQ(resets.size(), 0);
}

TEST(Text, breaksAfterMarksAndInsideOfWhatHasNone)
{
    const auto shown = [](const char* text) {
        return breakable(QLatin1String(text)).replace(QChar(0x200b), QLatin1Char('|')).toStdString();
    };
    EXPECT_EQ(shown("registry.example.com/shop:1"), "registry.|example.|com/|shop:|1");
    EXPECT_EQ(shown("sha256:0123456789abcdef0123456789abcdef"), "sha256:|0123456789abcdef01234567|89abcdef");
    EXPECT_EQ(shown("Enough pods are available"), "Enough pods are available");
    EXPECT_EQ(unbroken(breakable(QStringLiteral("sha256:0123456789abcdef0123456789abcdef"))).toStdString(),
              "sha256:0123456789abcdef0123456789abcdef");
}

TEST(ObjectTableModel, sortsNamesAsPeopleCount)
{
    ObjectStore store(*findKind(QStringLiteral("pods")));
    ObjectTableModel model(store, clockOfTest);
    for (const auto* name : {"sim-10", "sim-1", "sim-100", "sim-2", "sim-0"})
        store.apply({{QStringLiteral("u-") + QLatin1String(name), pod(name)}});
    EXPECT_EQ(names(model).toStdString(), "sim-0 sim-1 sim-2 sim-10 sim-100");
    const auto namesake = [](const char* uid, const char* nameSpace) {
        auto item = std::make_shared<Item>(*pod("a", nameSpace));
        item->uid = QString::fromLatin1(uid);
        return std::pair<QString, ItemPtr>(item->uid, item);
    };
    store.apply({namesake("u-1", "shop-10"), namesake("u-2", "shop-9")});
    EXPECT_EQ(model.item(0)->nameSpace.toStdString(), "shop-9") << "those of one name by namespace";
}

TEST(ObjectTableModel, agesAreAsOfItsClock)
{
    ObjectStore store(*findKind(QStringLiteral("pods")));
    SimulatedClock clock(parseTime("2026-01-31T12:00:00Z").value());
    ObjectTableModel model(store, clock);
    auto item = std::make_shared<Item>(*pod("a"));
    item->createdMs = nowMs(clock) - 90'000;
    store.apply({{item->uid, item}});
    const auto age = [&] { return model.index(0, model.columnCount() - 1).data().toString().toStdString(); };
    EXPECT_EQ(age(), "90s");
    clock.advance(std::chrono::hours{5});
    EXPECT_EQ(age(), "5h");
    SimulatedClock before(parseTime("2026-01-31T11:58:00Z").value());
    EXPECT_EQ(ObjectTableModel(store, before).text(*item, model.columnCount() - 1).toStdString(), "0s")
        << "it was not there yet";
}

TEST(ObjectTableModel, movesARowWhoseSortKeyChanges)
{
    ObjectStore store(*findKind(QStringLiteral("pods")));
    ObjectTableModel model(store, clockOfTest);
    store.apply(
        {{QStringLiteral("u-a"), pod("a")}, {QStringLiteral("u-b"), pod("b")}, {QStringLiteral("u-c"), pod("c")}});
    model.sort(2, Qt::DescendingOrder); // by status, the bad ones first
    store.apply({{QStringLiteral("u-b"), pod("b", "default", "status: {phase: Failed}", 2)}});
    EXPECT_EQ(names(model).section(QLatin1Char(' '), 0, 0).toStdString(), "b");
    EXPECT_EQ(model.rowCount(), 3);
}

TEST(Projection, readsTablesSoThatSecretsStayOnTheServer)
{
    const auto page = yaml(R"(
kind: Table
columnDefinitions: [{name: Name}, {name: Type}, {name: Data}, {name: Age}]
rows:
- cells: [token, Opaque, 3, 5d]
  object: {metadata: {name: token, namespace: shop, uid: u1, resourceVersion: "7"}}
)");
    const auto items = projectPage(*findKind(QStringLiteral("secrets")), page);
    ASSERT_EQ(items.size(), 1);
    EXPECT_EQ(items.first()->uid.toStdString(), "u1");
    EXPECT_EQ(items.first()->cells[0].text.toStdString(), "Opaque");
    EXPECT_EQ(items.first()->cells[1].number, 3);
}

} // namespace
} // namespace keelson::ui
