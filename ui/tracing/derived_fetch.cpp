// SPDX-License-Identifier: GPL-3.0-or-later
#include "tracing/derived_fetch.h"

#include "tracing/derived_trace.h"

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>

#include <algorithm>
#include <set>

namespace keelson::ui {
namespace {

std::string controllerOf(const api::Value& object)
{
    const auto* const owners = api::find(object, {"metadata", "ownerReferences"});
    if (!owners || !owners->is_array())
        return {};
    for (const auto& owner : owners->get_array()) {
        if (api::boolAt(owner, {"controller"}))
            return std::string(api::stringAt(owner, {"uid"}));
    }
    return {};
}

/// The root and what it controls, owners first.
std::vector<api::Value> family(const std::vector<api::Value>& root,
                               std::initializer_list<const std::vector<api::Value>*> others)
{
    auto all = root;
    std::set<std::string, std::less<>> uids;
    for (const auto& object : root)
        uids.emplace(api::stringAt(object, {"metadata", "uid"}));
    for (const auto* const list : others) {
        for (const auto& object : *list) {
            if (!uids.contains(controllerOf(object)))
                continue;
            uids.emplace(api::stringAt(object, {"metadata", "uid"}));
            all.push_back(object);
        }
    }
    return all;
}

} // namespace

DerivedFetch::DerivedFetch(Cluster& cluster, QObject* context, Done done)
    : m_cluster(cluster), m_context(context), m_done(std::move(done))
{
}

void DerivedFetch::start(const ItemPtr& item)
{
    m_item = item;
    m_outcome = keelson::Done{};
    for (auto* list : {&m_root, &m_replicaSets, &m_pods, &m_events})
        list->clear();
    m_waiting = 4;
    fetch(item->kind->path(item->nameSpace, item->name), m_root, false);
    fetch(QStringLiteral("/apis/apps/v1/namespaces/%1/replicasets").arg(item->nameSpace), m_replicaSets, true);
    fetch(QStringLiteral("/api/v1/namespaces/%1/pods").arg(item->nameSpace), m_pods, true);
    fetch(QStringLiteral("/api/v1/namespaces/%1/events").arg(item->nameSpace), m_events, true);
}

void DerivedFetch::fetch(const QString& path, std::vector<api::Value>& into, bool isList)
{
    kube::Request request;
    request.path = path;
    m_cluster.client().send(std::move(request), m_context, [this, &into, isList](const auto& answer) {
        if (!answer)
            m_outcome = fail(answer.error());
        else if (answer->document && !isList)
            into.push_back(*answer->document);
        else if (const auto* const items = answer->document ? api::find(*answer->document, {"items"}) : nullptr)
            into.assign(items->as_array().begin(), items->as_array().end());
        if (--m_waiting == 0)
            answered();
    });
}

void DerivedFetch::answered()
{
    if (!m_outcome)
        return m_done(m_item->uid, fail(m_outcome.error()));
    if (!m_root.empty()) { // items of a list do not say their kind
        m_root.front().as_object()["kind"] = m_item->kind->kind.toStdString();
        for (auto& set : m_replicaSets)
            set.as_object()["kind"] = "ReplicaSet";
        for (auto& pod : m_pods)
            pod.as_object()["kind"] = "Pod";
    }
    QThreadPool::globalInstance()->start([context = QPointer<QObject>(m_context), uid = m_item->uid, done = m_done,
                                          objects = family(m_root, {&m_replicaSets, &m_pods}), events = m_events] {
        auto trace = derivedTrace(objects, events);
        QMetaObject::invokeMethod(qApp, [context, uid, done, trace = std::move(trace)]() mutable {
            if (context)
                done(uid, std::move(trace));
        });
    });
}

} // namespace keelson::ui
