// SPDX-License-Identifier: GPL-3.0-or-later
#include "designer/live_watch.h"

#include "design/drift.h"
#include "models/read.h"

namespace keelson::ui {

namespace {

constexpr int readEveryMs = 4'000;
constexpr int readEachMs = 40; ///< And so much longer for each card.
constexpr int soonMs = 300;
constexpr int callsAtOnce = 4;
constexpr std::size_t placesShown = 4;

QString placesText(const std::vector<document::Path>& places)
{
    QStringList words;
    for (std::size_t i = 0; i < std::min(placesShown, places.size()); ++i)
        words << toText(document::pathText(places[i]));
    if (places.size() > placesShown)
        words << LiveWatch::tr("%n more", nullptr, static_cast<int>(places.size() - placesShown));
    return words.join(QStringLiteral(", "));
}

} // namespace

LiveWatch::LiveWatch(Cluster& cluster, DesignModel& model, QObject* parent)
    : QObject(parent), m_cluster(cluster), m_model(model)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &LiveWatch::read);
    connect(&model, &DesignModel::changed, this, [this] {
        compare();
        m_isSettled = false;
        if (m_isActive)
            m_timer.start(soonMs);
    });
}

void LiveWatch::setActive(bool isActive)
{
    m_isActive = isActive;
    if (isActive)
        read();
    else
        m_timer.stop();
}

QString LiveWatch::pathOf(const design::Card& card) const
{
    const auto* kind = m_model.kinds().find(card.apiVersion, card.object.kind);
    if (!kind || card.object.name.empty())
        return {};
    auto path = (kind->groupVersion.group.empty() ? QStringLiteral("/api/") : QStringLiteral("/apis/")) +
                toText(kind->groupVersion.text());
    if (kind->namespaced)
        path += QStringLiteral("/namespaces/") + toText(card.object.nameSpace);
    return path + QLatin1Char('/') + toText(kind->plural) + QLatin1Char('/') + toText(card.object.name);
}

void LiveWatch::read()
{
    m_timer.stop();
    if (m_underWay > 0) { // the round before is not over
        m_timer.start(soonMs);
        return;
    }
    m_waiting.clear();
    for (const auto& card : m_model.cards())
        if (card.isShown() && static_cast<int>(m_waiting.size()) < liveCardsMax && !pathOf(card).isEmpty())
            m_waiting.push_back(card.id);
    readNext();
}

void LiveWatch::readNext()
{
    while (m_underWay < callsAtOnce && !m_waiting.empty()) {
        const auto id = m_waiting.back();
        m_waiting.pop_back();
        const auto* card = m_model.find(id);
        if (!card)
            continue;
        kube::Request request;
        request.path = pathOf(*card);
        ++m_underWay;
        m_cluster.client().send(request, this, [this, id, object = card->object](const Result<kube::Response>& answer) {
            --m_underWay;
            if (answer && answer->document)
                m_live[id] = {object, *answer->document};
            else if (!answer && answer.error().reason == Reason::NotFound)
                m_live[id] = {object, nullptr};
            else
                m_live.erase(id); // nothing is known
            readNext();
        });
    }
    if (m_underWay > 0 || !m_waiting.empty())
        return;
    m_isSettled = true;
    compare();
    if (m_isActive)
        m_timer.start(readEveryMs + readEachMs * static_cast<int>(m_live.size()));
}

void LiveWatch::compare()
{
    QHash<design::CardId, State> states;
    for (const auto& card : m_model.cards()) {
        const auto live = m_live.find(card.id);
        if (live == m_live.end() || live->second.object != card.object)
            continue;
        if (live->second.value.is_null()) {
            states.insert(card.id, {StatusRole::Unknown, tr("draft"), tr("Not in the cluster yet")});
            continue;
        }
        const auto places =
            design::driftOf(document::Kinds().find(card.apiVersion, card.object.kind), card.value, live->second.value);
        states.insert(card.id, places.empty()
                                   ? State{StatusRole::Ok, tr("live"), tr("The cluster has it as it stands here")}
                                   : State{StatusRole::Waiting, tr("differs"),
                                           tr("The cluster has another %1").arg(placesText(places))});
    }
    std::erase_if(m_live, [this](const auto& one) { return !m_model.find(one.first); });
    if (states == m_states)
        return;
    m_states = std::move(states);
    emit changed();
}

} // namespace keelson::ui
