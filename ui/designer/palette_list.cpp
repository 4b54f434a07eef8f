// SPDX-License-Identifier: GPL-3.0-or-later
#include "designer/palette_list.h"

#include "design/palette.h"
#include "designer/design_view.h"
#include "models/read.h"
#include "widgets/icons.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QStyledItemDelegate>

namespace keelson::ui {

namespace {

constexpr int kindRole = Qt::UserRole;
constexpr int rowHeight = 28;
constexpr int headingHeight = 32;
constexpr int gapHeight = 9; ///< Between groups that have no heading.

/// Leaves the names away while the list is too narrow for them; it still finds kinds by their letters.
class PaletteDelegate : public QStyledItemDelegate {
public:
    explicit PaletteDelegate(PaletteList* list) : QStyledItemDelegate(list), m_list(*list) {}

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        if (!m_list.hasWords())
            option->text.clear();
    }

private:
    const PaletteList& m_list;
};

} // namespace

PaletteList::PaletteList(QWidget* parent) : QListWidget(parent)
{
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("Palette"));
    setAccessibleDescription(tr("Kinds of objects. Enter adds one to the canvas."));
    setIconSize({18, 18});
    setViewportMargins(10, 4, 0, 4);
    setBackgroundRole(QPalette::Base);
    setAutoFillBackground(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setTextElideMode(Qt::ElideRight);
    setItemDelegate(new PaletteDelegate(this));
    setMinimumWidth(iconsWidth);
    connect(this, &QListWidget::itemDoubleClicked, this, [this](const QListWidgetItem* item) {
        if (const auto kind = item->data(kindRole).toString(); !kind.isEmpty())
            emit chosen(kind);
    });
}

void PaletteList::setKinds(const document::Kinds& kinds)
{
    const auto entries = design::paletteOf(kinds);
    QStringList wanted;
    QStringList shown;
    for (const auto* entry : entries)
        wanted << toText(entry->kind);
    for (int i = 0; i < count(); ++i)
        if (const auto kind = item(i)->data(kindRole).toString(); !kind.isEmpty())
            shown << kind;
    if (wanted == shown)
        return;
    clear();
    QString group;
    for (const auto* entry : entries) {
        if (const auto own = toText(entry->group); own != group) {
            group = own;
            auto* heading = new QListWidgetItem(own.toUpper(), this);
            heading->setFlags(Qt::NoItemFlags);
            auto font = heading->font();
            font.setPointSizeF(font.pointSizeF() * 0.82);
            font.setBold(true);
            heading->setFont(font);
            heading->setTextAlignment(Qt::AlignBottom | Qt::AlignLeft);
        }
        auto* made = new QListWidgetItem(icon(iconOfKind(entry->kind)), toText(entry->kind), this);
        made->setData(kindRole, toText(entry->kind));
        made->setToolTip(toText(entry->kind) + QLatin1Char('\n') + toText(entry->purpose));
    }
    fitRows();
}

void PaletteList::fitRows()
{
    for (int i = 0; i < count(); ++i) {
        const bool isHeading = item(i)->data(kindRole).toString().isEmpty();
        const int heading = !m_hasWords ? gapHeight : i == 0 ? headingHeight - 8 : headingHeight;
        item(i)->setSizeHint({0, isHeading ? heading : rowHeight});
    }
}

void PaletteList::resizeEvent(QResizeEvent* event)
{
    const bool hasWords = width() >= wordsWidthMin;
    if (std::exchange(m_hasWords, hasWords) != hasWords)
        fitRows();
    QListWidget::resizeEvent(event);
}

QListWidgetItem* PaletteList::itemOf(const QString& kind) const
{
    for (int i = 0; i < count(); ++i)
        if (item(i)->data(kindRole).toString() == kind)
            return item(i);
    return nullptr;
}

void PaletteList::mousePressEvent(QMouseEvent* event)
{
    QListWidget::mousePressEvent(event);
    const auto* pressed = event->button() == Qt::LeftButton ? itemAt(event->position().toPoint()) : nullptr;
    m_kind = pressed ? pressed->data(kindRole).toString() : QString();
    m_pressed = event->position().toPoint();
    m_isDragging = false;
}

void PaletteList::mouseMoveEvent(QMouseEvent* event)
{
    const auto way = event->position().toPoint() - m_pressed;
    if (!m_kind.isEmpty() && (m_isDragging || way.manhattanLength() >= QApplication::startDragDistance())) {
        m_isDragging = true;
        setCursor(Qt::ClosedHandCursor);
        emit dragged(m_kind, event->globalPosition().toPoint());
        return;
    }
    QListWidget::mouseMoveEvent(event);
}

void PaletteList::mouseReleaseEvent(QMouseEvent* event)
{
    QListWidget::mouseReleaseEvent(event);
    unsetCursor();
    if (std::exchange(m_isDragging, false))
        emit dropped(m_kind, event->globalPosition().toPoint());
    m_kind.clear();
}

void PaletteList::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape && m_isDragging) {
        m_isDragging = false;
        m_kind.clear();
        unsetCursor();
        emit dragCancelled();
        return;
    }
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && currentItem()) {
        if (const auto kind = currentItem()->data(kindRole).toString(); !kind.isEmpty())
            emit chosen(kind);
        return;
    }
    QListWidget::keyPressEvent(event);
}

} // namespace keelson::ui
