// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "designer/design_model.h"
#include "models/status.h"
#include "widgets/key_help.h"

#include <QHash>
#include <QPainterPath>
#include <QWidget>

#include <string>

class QLineEdit;

namespace keelson::ui {

/// What is known of a card besides its text.
struct CardMark {
    int errors = 0;
    int warnings = 0;
    QString problem; ///< The first of them.
    /// How it stands against the cluster; empty word: nothing is known.
    StatusRole liveRole = StatusRole::Unknown;
    QString liveWord;
    QString liveDetail;
    /// Pods that the scheduler would put somewhere now: "worker-1 × 2"; and why not elsewhere, a line each.
    QStringList ghosts;
    QString ghostRefusal; ///< Why some fit nowhere.
    QStringList ghostDetails;
    bool operator==(const CardMark&) const = default;
};

/// The canvas: draws the cards of a model and their relations, and turns gestures and keys into what is wanted.
///
/// With the mouse: drag a card to move it, its port to connect it, the ground to select, with the middle button to pan;
/// the wheel scrolls, and zooms with Ctrl. With keys: arrows go from card to card (N and P in the order of the text),
/// Ctrl with arrows moves what is selected, Space selects, C connects, Enter edits, L arranges, and the usual ones do
/// the usual. Ctrl+G groups what is selected and asks for a name, Ctrl+Shift+G takes the group apart, F2 renames it, G
/// selects all of it, F folds it.
///
/// Screen readers are told of each card and group (designer/canvas_access.h).
class DesignView : public QWidget {
    Q_OBJECT
public:
    explicit DesignView(DesignModel& model, QWidget* parent = nullptr);
    static QList<KeyHelp> keys(); ///< While the canvas has the focus.

    /// What one can stand on: a card, or a group (then `card` is its first). In the order of the text; open groups
    /// stand before their first card, the cards of folded ones are left out.
    struct Stop {
        design::CardId card = design::noCard;
        std::string group;
        bool operator==(const Stop&) const = default;
    };
    std::vector<Stop> stops() const;
    const DesignModel& model() const { return m_model; }

    const CardSet& selected() const { return m_selected; }
    design::CardId current() const { return m_current; }
    /// `isTold`: `selectionChanged` follows when it changes.
    void select(const CardSet& cards, bool isTold = true);
    const design::Relation* selectedRelation() const;
    void makeCurrent(design::CardId card); ///< The keys go there; it comes into view.
    void toggle(design::CardId card);      ///< Selected or not; a folded group as a whole.
    void setMarks(QHash<design::CardId, CardMark> marks);
    const QHash<design::CardId, CardMark>& marks() const { return m_marks; }
    void setGhost(const QString& kind, QPointF place); ///< A card that is being dragged in; empty: none.

    void say(const QString& notice); ///< For some seconds, at the lower edge.
    QString notice() const { return m_notice; }
    void fit();
    void hold() { m_isViewChosen = true; } ///< What is seen stays where it is, whatever is added.
    void zoomBy(double factor, QPointF about);
    double zoom() const { return m_zoom; }
    void reveal(design::CardId card);
    design::Place centre() const;               ///< Where a new card would stand in the middle of what is seen.
    design::Place placeAt(QPointF point) const; ///< For a card that is dropped there.
    design::CardId cardAt(QPointF point) const;
    QRectF rectOf(design::CardId card) const; ///< In pixels of the widget.
    QPointF portOf(design::CardId card) const;
    QPointF relationMiddle(std::size_t relation) const;

    QRectF groupRect(const std::string& group) const; ///< Its frame, or its box; in pixels of the widget.
    void groupSelected();
    void ungroupSelected();
    void foldSelected(); ///< The group of the current card; or opens it.
    void selectGroup(const std::string& group);
    void
    renameGroup(const std::string& group); ///< A line to write its name in appears; empty: that of the current card.
    bool hasGroupSelected() const;

    void startConnecting(design::CardId from);
    void connectWithKeys(); ///< From the current card: arrows choose, Enter connects.
    void stopConnecting();
    bool isConnecting() const { return m_from != design::noCard; }
    /// All of it, whatever is in view, without what is selected or pointed at.
    void renderAll(QPainter& painter, const QRectF& target);
    QSizeF pictureSize() const; ///< What `renderAll` needs for one to one; empty: nothing is there.

signals:
    void selectionChanged();
    void activated(design::CardId card);
    void connectRequested(design::CardId from, design::CardId to, const QPoint& globalPosition);
    void removeRequested();
    void copyRequested();
    void cutRequested();
    void pasteRequested();
    void duplicateRequested();
    void menuRequested(const QPoint& globalPosition);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override; ///< Of the line for a group's name.

private:
    enum class Drag { None, Press, Pan, Move, Band, Connect };

    QPointF toScene(QPointF point) const { return (point - m_offset) / m_zoom; }
    QPointF toView(QPointF point) const { return point * m_zoom + m_offset; }
    QRectF ownRect(design::CardId card) const;
    QRectF sceneRect(design::CardId card) const; ///< Of a card in a folded group: that of the group.
    QRectF groupFrame(const std::string& group) const;
    std::string groupAt(QPointF point) const; ///< Whose upper edge is there; open ones.
    bool isFolded(design::CardId card) const { return !m_model.foldedGroupOf(card).empty(); }
    bool isFoldMark(QPointF point, const std::string& group) const;
    design::CardId standIn(design::CardId card) const;
    CardSet spanOf(design::CardId card) const;
    bool isInside(const design::Relation& relation) const; ///< One folded group.
    bool pressGroup(QMouseEvent* event);
    bool handleGroupKey(QKeyEvent* event);
    void endRename(bool isWanted);
    void escape();
    QRectF bounds() const;
    std::pair<QPointF, QPointF> endsOf(const design::Relation& relation) const;
    bool isPort(QPointF point, design::CardId card) const;
    int relationAt(QPointF point) const;
    QPainterPath relationPath(const design::Relation& relation) const;
    void modelChanged();
    void findTargets();
    void finishConnecting(design::CardId to, QPoint globalPosition);
    void hover(QPointF point);
    void setCurrent(design::CardId card);
    void selectBand(Qt::KeyboardModifiers modifiers);
    void moveCurrent(int dx, int dy, bool isExtending);
    void moveCards(int dx, int dy);
    void cycle(bool forward);
    bool handleEditKey(QKeyEvent* event);
    bool handleMoveKey(QKeyEvent* event);
    bool handleViewKey(QKeyEvent* event);
    QString hint() const;

    void drawGround(QPainter& painter, const QRectF& visible) const;
    void drawNameSpaces(QPainter& painter) const;
    void drawGroups(QPainter& painter) const;
    void drawFoldedGroups(QPainter& painter) const;
    void drawGroupTitle(QPainter& painter, const QRectF& line, const std::string& name, bool isFolded) const;
    void drawCards(QPainter& painter, const QRectF& visible) const;
    QVector<std::pair<QString, QColor>> hoverLines(const design::Card& card) const;
    void drawRelations(QPainter& painter) const;
    void drawRelation(QPainter& painter, const design::Relation& relation, bool isMarked) const;
    void drawCard(QPainter& painter, const design::Card& card) const;
    void drawWords(QPainter& painter, const design::Card& card, const QRectF& rect) const;
    void drawGhostPods(QPainter& painter, const CardMark& mark, const QRectF& rect) const;
    void drawFarName(QPainter& painter, const design::Card& card, const QRectF& rect) const;
    void drawBadges(QPainter& painter, const design::Card& card, const QRectF& rect) const;
    void drawConnecting(QPainter& painter) const;
    void drawGhost(QPainter& painter) const;
    void drawHint(QPainter& painter) const;
    void drawHoverText(QPainter& painter) const;

    DesignModel& m_model;
    QHash<design::CardId, CardMark> m_marks;
    CardSet m_selected;
    CardSet m_targets;                         ///< What the card that is being connected can be connected to.
    design::CardId m_current = design::noCard; ///< Where the keys are.
    design::CardId m_hovered = design::noCard;
    int m_hoveredRelation = -1;
    std::optional<design::Relation> m_relation; ///< Selected.
    bool m_hasNameSpaces = false;               ///< The cards are of more than one namespace, and say of which.

    double m_zoom = 1;
    QPointF m_offset{24, 24};
    bool m_isViewChosen = false; ///< By the user; until then all is kept in sight.
    Drag m_drag = Drag::None;
    QPointF m_pressed; ///< In pixels.
    QPointF m_pointer;
    QPointF m_offsetAtPress;
    design::Places m_dragged; ///< Where the dragged cards were.
    QPointF m_dragBy;         ///< In the scene.
    CardSet m_selectedBefore;
    design::CardId m_from = design::noCard; ///< Being connected.
    bool m_isKeyConnect = false;
    QString m_notice; ///< Said for a moment.
    QTimer m_noticeTimer;
    QString m_ghostKind;
    QPointF m_ghost;
    std::string m_pressedGroup; ///< Being dragged by its upper edge.
    std::string m_namedGroup;   ///< Whose name is being written.
    QLineEdit* m_groupName;
};

/// The drawing for a kind; a neutral one for those without.
QString iconOfKind(std::string_view kind);

} // namespace keelson::ui
