// SPDX-License-Identifier: GPL-3.0-or-later
#include "designer/design_view.h"

#include "designer/canvas_access.h"
#include "models/read.h"

#include <QLineEdit>
#include <QMouseEvent>

#include <algorithm>
#include <array>
#include <cmath>

namespace keelson::ui {

using design::CardId;
using design::noCard;

namespace {

constexpr double zoomMin = 0.15;
constexpr double zoomMax = 2.5;
constexpr double portReach = 10;
constexpr double relationReach = 7;
constexpr double margin = 40;
constexpr int noticeMs = 6000;

} // namespace

QString iconOfKind(std::string_view kind)
{
    static const std::array<std::pair<std::string_view, const char*>, 22> icons{{{"Deployment", "deployment"},
                                                                                 {"ReplicaSet", "replicaset"},
                                                                                 {"StatefulSet", "statefulset"},
                                                                                 {"DaemonSet", "daemonset"},
                                                                                 {"Job", "job"},
                                                                                 {"CronJob", "cronjob"},
                                                                                 {"Pod", "pod"},
                                                                                 {"Service", "service"},
                                                                                 {"Ingress", "ingress"},
                                                                                 {"NetworkPolicy", "networkpolicy"},
                                                                                 {"ConfigMap", "configmap"},
                                                                                 {"Secret", "secret"},
                                                                                 {"PersistentVolumeClaim", "claim"},
                                                                                 {"HorizontalPodAutoscaler", "scale"},
                                                                                 {"PodDisruptionBudget", "budget"},
                                                                                 {"ServiceAccount", "serviceaccount"},
                                                                                 {"Role", "role"},
                                                                                 {"ClusterRole", "role"},
                                                                                 {"RoleBinding", "binding"},
                                                                                 {"ClusterRoleBinding", "binding"},
                                                                                 {"Namespace", "namespace"},
                                                                                 {"Node", "node"}}};
    const auto* found = std::ranges::find(icons, kind, &std::pair<std::string_view, const char*>::first);
    return QString::fromLatin1(found == icons.end() ? "yaml" : found->second);
}

DesignView::DesignView(DesignModel& model, QWidget* parent)
    : QWidget(parent), m_model(model), m_groupName(new QLineEdit(this))
{
    installCanvasAccess();
    m_groupName->hide();
    m_groupName->setObjectName(QStringLiteral("groupName"));
    m_groupName->setAccessibleName(tr("Name of the group"));
    m_groupName->installEventFilter(this);
    connect(m_groupName, &QLineEdit::returnPressed, this, [this] { endRename(true); });
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Canvas"));
    setAccessibleDescription(
        tr("The manifests as cards. Arrows go from card to card, C connects, Enter edits, Control G groups; the text "
           "below holds the same."));
    setMinimumSize(240, 160);
    m_noticeTimer.setSingleShot(true);
    m_noticeTimer.setInterval(noticeMs);
    connect(&m_noticeTimer, &QTimer::timeout, this, [this] { say({}); });
    connect(&model, &DesignModel::changed, this, &DesignView::modelChanged);
    connect(&model, &DesignModel::placesChanged, this, [this] {
        m_current = standIn(m_current);
        if (!m_isViewChosen)
            fit();
        update();
        tellOfCards(*this);
    });
}

void DesignView::modelChanged()
{
    CardSet there;
    QSet<QString> spaces;
    for (const auto& card : m_model.cards())
        if (card.isShown()) {
            there.insert(card.id);
            if (card.namespaced)
                spaces.insert(toText(card.object.nameSpace));
        }
    m_hasNameSpaces = spaces.size() > 1;
    const auto gone = [&](CardId id) { return id != noCard && !there.contains(id); };
    if (gone(m_current))
        m_current = noCard;
    if (gone(m_hovered))
        m_hovered = noCard;
    if (gone(m_from))
        stopConnecting();
    if (m_relation && std::ranges::find(m_model.relations(), *m_relation) == m_model.relations().end())
        m_relation.reset();
    m_hoveredRelation = -1;
    const auto before = m_selected.size();
    std::erase_if(m_selected, gone);
    if (!m_isViewChosen)
        fit();
    update();
    if (m_selected.size() != before)
        emit selectionChanged();
    tellOfCards(*this);
}

void DesignView::select(const CardSet& cards, bool isTold)
{
    m_relation.reset();
    const auto before = m_current;
    if (cards.size() == 1)
        m_current = standIn(*cards.begin());
    update();
    if (m_current != before)
        tellOfCurrent(*this);
    if (m_selected == cards)
        return;
    m_selected = cards;
    tellOfSelection(*this);
    if (isTold)
        emit selectionChanged();
}

const design::Relation* DesignView::selectedRelation() const
{
    return m_relation ? &*m_relation : nullptr;
}

void DesignView::say(const QString& notice)
{
    m_notice = notice;
    if (!notice.isEmpty())
        m_noticeTimer.start();
    update();
}

void DesignView::setMarks(QHash<CardId, CardMark> marks)
{
    if (m_marks == marks)
        return;
    m_marks = std::move(marks);
    update();
}

void DesignView::setGhost(const QString& kind, QPointF place)
{
    m_ghostKind = kind;
    m_ghost = place;
    m_hovered = kind.isEmpty() ? noCard : cardAt(place);
    update();
}

QRectF DesignView::ownRect(CardId card) const
{
    const auto place = m_model.places().find(card);
    if (place == m_model.places().end())
        return {};
    QRectF rect(place->second.x, place->second.y, design::cardWidth, design::cardHeight);
    if (m_drag == Drag::Move && m_dragged.contains(card))
        rect.translate(m_dragBy);
    return rect;
}

QRectF DesignView::rectOf(CardId card) const
{
    const auto rect = sceneRect(card);
    return {toView(rect.topLeft()), rect.size() * m_zoom};
}

QPointF DesignView::portOf(CardId card) const
{
    const auto rect = sceneRect(card);
    return toView({rect.right(), rect.center().y()});
}

QRectF DesignView::bounds() const
{
    QRectF all;
    for (const auto& [name, group] : m_model.groups())
        all |= groupFrame(name);
    for (const auto& card : m_model.cards())
        if (card.isShown())
            all |= sceneRect(card.id);
    return all;
}

CardId DesignView::cardAt(QPointF point) const
{
    const auto scene = toScene(point);
    CardId found = noCard;
    for (const auto& card : m_model.cards()) // the last is drawn on top, and folded groups above all
        if (card.isShown() && sceneRect(card.id).contains(scene) && (!isFolded(found) || isFolded(card.id)))
            found = card.id;
    return standIn(found);
}

bool DesignView::isPort(QPointF point, CardId card) const
{
    const auto away = portOf(card) - point;
    return card != noCard && !isFolded(card) && std::hypot(away.x(), away.y()) <= portReach;
}

std::pair<QPointF, QPointF> DesignView::endsOf(const design::Relation& relation) const
{
    const auto from = sceneRect(m_model.cards()[relation.from].id);
    const auto to = sceneRect(m_model.cards()[relation.to].id);
    // Out of the side that faces the other card; above each other, out of the same side.
    if (from.right() <= to.left())
        return {{from.right(), from.center().y()}, {to.left(), to.center().y()}};
    if (to.right() <= from.left())
        return {{from.left(), from.center().y()}, {to.right(), to.center().y()}};
    return {{from.right(), from.center().y()}, {to.right(), to.center().y()}};
}

QPointF DesignView::relationMiddle(std::size_t relation) const
{
    const auto [a, b] = endsOf(m_model.relations()[relation]);
    return toView((a + b) / 2);
}

int DesignView::relationAt(QPointF point) const
{
    for (std::size_t i = 0; i < m_model.relations().size(); ++i) {
        const auto& relation = m_model.relations()[i];
        if (relation.kind == design::RelationKind::Within || isInside(relation))
            continue;
        const auto path = relationPath(relation);
        const double reach = relationReach / m_zoom;
        if (!path.controlPointRect().adjusted(-reach, -reach, reach, reach).contains(toScene(point)))
            continue;
        for (int step = 0; step <= 24; ++step) {
            const auto away = toView(path.pointAtPercent(step / 24.0)) - point;
            if (std::hypot(away.x(), away.y()) <= std::max(relationReach, path.length() * m_zoom / 48))
                return static_cast<int>(i);
        }
    }
    return -1;
}

QPainterPath DesignView::relationPath(const design::Relation& relation) const
{
    const auto [a, b] = endsOf(relation);
    QPainterPath path(a);
    const auto from = sceneRect(m_model.cards()[relation.from].id);
    const auto to = sceneRect(m_model.cards()[relation.to].id);
    const bool isSameSide = a.x() > from.center().x() && b.x() > to.center().x();
    const double reach = std::max(28.0, std::abs(b.x() - a.x()) / 2);
    const double out = a.x() >= from.center().x() ? reach : -reach;
    path.cubicTo(a + QPointF(out, 0), b + QPointF(isSameSide ? out : -out, 0), b);
    return path;
}

void DesignView::fit()
{
    const auto all = bounds().adjusted(-margin, -margin, margin, margin);
    if (bounds().isEmpty() || width() < 50)
        return;
    m_zoom = std::clamp(std::min(width() / all.width(), height() / all.height()), zoomMin, 1.0);
    m_offset = QPointF(width() / 2.0, height() / 2.0) - all.center() * m_zoom;
    m_isViewChosen = false;
    update();
}

void DesignView::zoomBy(double factor, QPointF about)
{
    const auto fixed = toScene(about);
    m_zoom = std::clamp(m_zoom * factor, zoomMin, zoomMax);
    m_offset = about - fixed * m_zoom;
    m_isViewChosen = true;
    update();
}

void DesignView::reveal(CardId card)
{
    const auto seen = rectOf(card);
    if (seen.isEmpty() || QRectF(rect()).contains(seen))
        return;
    m_isViewChosen = true;
    m_offset += QPointF(width() / 2.0, height() / 2.0) - seen.center();
    update();
}

design::Place DesignView::placeAt(QPointF point) const
{
    const auto scene = toScene(point);
    return {scene.x() - design::cardWidth / 2, scene.y() - design::cardHeight / 2};
}

design::Place DesignView::centre() const
{
    return placeAt(QPointF(width() / 2.0, height() / 2.0));
}

void DesignView::startConnecting(CardId from)
{
    m_from = from;
    findTargets();
    update();
}

void DesignView::stopConnecting()
{
    m_from = noCard;
    m_targets.clear();
    m_isKeyConnect = false;
    update();
}

void DesignView::findTargets()
{
    m_targets.clear();
    const auto from = m_model.indexOf(m_from);
    for (std::size_t i = 0; from && i < m_model.cards().size(); ++i)
        if (m_model.cards()[i].isShown() && !isFolded(m_model.cards()[i].id) &&
            !design::offersBetween(m_model.cards(), *from, i).empty())
            m_targets.insert(m_model.cards()[i].id);
}

void DesignView::finishConnecting(CardId to, QPoint globalPosition)
{
    const auto from = m_from;
    const bool isValid = m_targets.contains(to);
    stopConnecting();
    if (to == noCard || to == from)
        return;
    if (isValid) {
        emit connectRequested(from, to, globalPosition);
        return;
    }
    const auto a = m_model.indexOf(from);
    const auto b = m_model.indexOf(to);
    if (a && b)
        say(toText(design::whyNoOffer(m_model.cards(), *a, *b)));
}

void DesignView::resizeEvent(QResizeEvent*)
{
    if (!m_isViewChosen)
        fit();
}

} // namespace keelson::ui
