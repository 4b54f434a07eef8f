// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/kind_info.h"

#include <QCoreApplication>

namespace keelson::ui {

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Kinds", text);
}

KindInfo make(const char* id, const char* groupVersion, const char* kind, const QString& title, const QString& one,
              const char* section, const char* icon, const QStringList& shortNames, QVector<ColumnInfo> columns)
{
    KindInfo info;
    info.id = QString::fromLatin1(id);
    info.groupVersion = QString::fromLatin1(groupVersion);
    info.kind = QString::fromLatin1(kind);
    info.title = title;
    info.one = one;
    info.section = QString::fromLatin1(section);
    info.icon = QString::fromLatin1(icon);
    info.shortNames = shortNames;
    info.columns = std::move(columns);
    return info;
}

KindInfo plain(KindInfo info)
{
    info.hasStatus = false;
    return info;
}

KindInfo table(KindInfo info)
{
    info.hasStatus = false;
    info.asTable = true;
    return info;
}

KindInfo global(KindInfo info)
{
    info.namespaced = false;
    return info;
}

void addWorkloads(QVector<KindInfo>& all)
{
    all << make("deployments", "apps/v1", "Deployment", tr("Deployments"), tr("deployment"), "workloads", "deployment",
                {"deploy"},
                {{tr("Ready"), 0, true},
                 {tr("Up to date"), 0, true, 1},
                 {tr("Available"), 0, true, 2},
                 {tr("Image"), 3}})
        << make("replicasets", "apps/v1", "ReplicaSet", tr("Replica sets"), tr("replica set"), "workloads",
                "replicaset", {"rs"},
                {{tr("Desired"), 0, true},
                 {tr("Current"), 0, true, 2},
                 {tr("Ready"), 0, true},
                 {tr("Owner"), 3, false, 1}})
        << make("pods", "v1", "Pod", tr("Pods"), tr("pod"), "workloads", "pod", {"po"},
                {{tr("Ready"), 0, true},
                 {tr("Restarts"), 0, true, 1},
                 {tr("CPU asked"), 0, true, 4},
                 {tr("Memory asked"), 0, true, 5},
                 {tr("Node"), 2, false, 2},
                 {tr("IP"), 0, false, 3},
                 {tr("Owner"), 2, false, 6}});
}

void addNetwork(QVector<KindInfo>& all)
{
    all << plain(make("services", "v1", "Service", tr("Services"), tr("service"), "network", "service", {"svc"},
                      {{tr("Type"), 0, false, 1},
                       {tr("Cluster IP"), 0, false, 2},
                       {tr("Ports"), 2},
                       {tr("Selector"), 3, false, 3}}))
        << plain(
               make("endpointslices", "discovery.k8s.io/v1", "EndpointSlice", tr("Endpoint slices"),
                    tr("endpoint slice"), "network", "endpoints", {},
                    {{tr("Service"), 2}, {tr("Type"), 0, false, 2}, {tr("Ports"), 2, false, 1}, {tr("Endpoints"), 4}}))
        << plain(make("endpoints", "v1", "Endpoints", tr("Endpoints"), tr("endpoints object"), "network", "endpoints",
                      {"ep"}, {{tr("Endpoints"), 4}}));
}

void addConfiguration(QVector<KindInfo>& all)
{
    all << table(make("configmaps", "v1", "ConfigMap", tr("Config maps"), tr("config map"), "config", "configmap",
                      {"cm"}, {{tr("Data"), 0, true}}))
        << table(make("secrets", "v1", "Secret", tr("Secrets"), tr("secret"), "config", "secret", {},
                      {{tr("Type"), 3}, {tr("Data"), 0, true}}))
        << plain(make("leases", "coordination.k8s.io/v1", "Lease", tr("Leases"), tr("lease"), "config", "lease", {},
                      {{tr("Holder"), 3}, {tr("Renewed")}}));
}

void addAccess(QVector<KindInfo>& all)
{
    const QString rbac = QStringLiteral("rbac.authorization.k8s.io/v1");
    const auto group = rbac.toLatin1();
    all << plain(make("serviceaccounts", "v1", "ServiceAccount", tr("Service accounts"), tr("service account"),
                      "access", "serviceaccount", {"sa"}, {{tr("Secrets"), 0, true}}))
        << plain(make("roles", group, "Role", tr("Roles"), tr("role"), "access", "role", {},
                      {{tr("Rules"), 0, true}, {tr("Grants"), 4}}))
        << global(plain(make("clusterroles", group, "ClusterRole", tr("Cluster roles"), tr("cluster role"), "access",
                             "role", {}, {{tr("Rules"), 0, true}, {tr("Grants"), 4}})))
        << plain(make("rolebindings", group, "RoleBinding", tr("Role bindings"), tr("role binding"), "access",
                      "binding", {}, {{tr("Role"), 3}, {tr("Subjects"), 4}}))
        << global(plain(make("clusterrolebindings", group, "ClusterRoleBinding", tr("Cluster role bindings"),
                             tr("cluster role binding"), "access", "binding", {},
                             {{tr("Role"), 3}, {tr("Subjects"), 4}})));
}

void addCluster(QVector<KindInfo>& all)
{
    all << global(make("nodes", "v1", "Node", tr("Nodes"), tr("node"), "cluster", "node", {"no"},
                       {{tr("Roles"), 2, false, 2},
                        {tr("CPU"), 0, true},
                        {tr("Memory"), 0, true},
                        {tr("Pods"), 0, true, 1},
                        {tr("Address"), 0, false, 3},
                        {tr("Version"), 2, false, 4}}))
        << global(make("namespaces", "v1", "Namespace", tr("Namespaces"), tr("namespace"), "cluster", "namespace",
                       {"ns"}, {}))
        << make("events", "v1", "Event", tr("Events"), tr("event"), "cluster", "event", {"ev"},
                {{tr("Reason"), 5}, {tr("Object"), 4}, {tr("Message"), 6}, {tr("Count"), 0, true, 1}});
}

} // namespace

QString KindInfo::path(const QString& nameSpace, const QString& name) const
{
    QString path =
        (groupVersion.contains(QLatin1Char('/')) ? QStringLiteral("/apis/") : QStringLiteral("/api/")) + groupVersion;
    if (namespaced && !nameSpace.isEmpty())
        path += QStringLiteral("/namespaces/") + nameSpace;
    path += QLatin1Char('/') + id;
    return name.isEmpty() ? path : path + QLatin1Char('/') + name;
}

const QVector<KindInfo>& kinds()
{
    static const QVector<KindInfo> all = [] {
        QVector<KindInfo> made;
        addWorkloads(made);
        addNetwork(made);
        addConfiguration(made);
        addAccess(made);
        addCluster(made);
        return made;
    }();
    return all;
}

const KindInfo* findKind(const QString& name)
{
    const auto wanted = name.trimmed();
    for (const auto& kind : kinds())
        if (kind.id == wanted || kind.kind.compare(wanted, Qt::CaseInsensitive) == 0 ||
            kind.shortNames.contains(wanted))
            return &kind;
    return nullptr;
}

} // namespace keelson::ui
