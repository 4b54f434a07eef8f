// SPDX-License-Identifier: GPL-3.0-or-later
#include "designer/ghost_watch.h"

#include "models/read.h"

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>

namespace keelson::ui {

namespace {

constexpr int readEveryMs = 10'000;
constexpr int pageSize = 500;

} // namespace

GhostWatch::GhostWatch(Cluster& cluster, DesignModel& model, QObject* parent)
    : QObject(parent), m_cluster(cluster), m_model(model)
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(readEveryMs);
    connect(&m_timer, &QTimer::timeout, this, &GhostWatch::read);
    connect(&model, &DesignModel::changed, this, &GhostWatch::plan);
}

void GhostWatch::setActive(bool isActive)
{
    m_isActive = isActive;
    if (isActive) {
        read();
        return;
    }
    m_timer.stop();
    m_plans.clear();
    emit changed();
}

void GhostWatch::read()
{
    if (m_isReading)
        return;
    m_isReading = true;
    auto nodes = std::make_shared<Values>();
    auto pods = std::make_shared<Values>();
    readPage(QStringLiteral("/api/v1/nodes"), {}, nodes, [this, nodes, pods] {
        readPage(QStringLiteral("/api/v1/pods"), {}, pods, [this, nodes, pods] {
            m_isReading = false;
            m_nodes = nodes;
            m_pods = pods;
            plan();
            if (m_isActive)
                m_timer.start();
        });
    });
}

void GhostWatch::readPage(const QString& path, const QString& more, const std::shared_ptr<Values>& all,
                          std::function<void()> done)
{
    kube::Request request;
    request.path = path;
    request.query.addQueryItem(QStringLiteral("limit"), QString::number(pageSize));
    if (!more.isEmpty())
        request.query.addQueryItem(QStringLiteral("continue"), more);
    m_cluster.client().send(request, this, [=, this, done = std::move(done)](const Result<kube::Response>& answer) {
        if (!answer || !answer->document) {
            m_isReading = false;
            if (m_isActive)
                m_timer.start();
            emit failed(answer ? makeError(Reason::InternalError, "the answer is no list") : answer.error());
            return;
        }
        for (const auto& item : listAt(*answer->document, {"items"}))
            all->push_back(item);
        const auto next = textAt(*answer->document, {"metadata", "continue"});
        m_isPartial = !next.isEmpty() && static_cast<int>(all->size()) >= ghostPodsMax;
        if (!next.isEmpty() && !m_isPartial)
            readPage(path, next, all, done);
        else
            done();
    });
}

void GhostWatch::plan()
{
    if (!m_isActive || !m_nodes)
        return;
    if (m_isPlanning) {
        m_isStale = true;
        return;
    }
    m_isPlanning = true;
    auto cards = std::make_shared<std::vector<design::Card>>();
    for (const auto& card : m_model.cards())
        if (card.isShown() && design::isWorkload(card) && static_cast<int>(cards->size()) < ghostCardsMax)
            cards->push_back(card);
    QThreadPool::globalInstance()->start([self = QPointer<GhostWatch>(this), cards, nodes = m_nodes, pods = m_pods] {
        auto plans = std::make_shared<Plans>();
        for (const auto& card : *cards)
            if (auto plan = design::placeGhosts(card, *nodes, *pods))
                plans->insert(card.id, *std::move(plan));
        QMetaObject::invokeMethod(qApp, [self, plans] {
            if (!self)
                return;
            self->m_isPlanning = false;
            if (std::exchange(self->m_isStale, false))
                self->plan();
            if (!self->m_isActive)
                return;
            self->m_plans = *plans;
            emit self->changed();
        });
    });
}

} // namespace keelson::ui
