// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/file_list.h"

#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QPainter>
#include <QStyledItemDelegate>

namespace keelson::ui {

namespace {

constexpr int idRole = Qt::UserRole;
constexpr int editedRole = Qt::UserRole + 1;
constexpr int gravestRole = Qt::UserRole + 2; ///< Of its findings: the index of a severity; none: it is well.
constexpr int pathRole = Qt::UserRole + 3;
constexpr int rowHeight = 28;

class FileDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto& tokens = Theme::tokens();
        const bool isCurrent = option.state.testFlag(QStyle::State_Selected);
        painter->fillRect(option.rect, tokens.surface);
        painter->setRenderHint(QPainter::Antialiasing);
        if (isCurrent || option.state.testFlag(QStyle::State_MouseOver)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(isCurrent ? tokens.selection : tokens.hover);
            painter->drawRoundedRect(QRectF(option.rect).adjusted(6, 1, -6, -1), 6, 6);
        }
        const auto gravest = index.data(gravestRole);
        const bool isWell = !gravest.isValid();
        const auto severity = static_cast<document::Severity>(gravest.toInt());
        const auto rect = option.rect.adjusted(14, 0, -14, 0);
        paintIcon(*painter, QRectF(rect.left(), rect.center().y() - 7, 15, 15),
                  isWell ? QStringLiteral("yaml") : glyphOf(severity),
                  !isWell     ? Theme::status(roleOf(severity))
                  : isCurrent ? tokens.accent
                              : tokens.muted);
        if (index.data(editedRole).toBool()) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(tokens.accent);
            painter->drawEllipse(QRectF(rect.right() - 7, rect.center().y() - 3, 7, 7));
        }
        painter->setFont(option.font);
        painter->setPen(tokens.text);
        const auto words = rect.adjusted(24, 0, -14, 0);
        painter->drawText(words, Qt::AlignVCenter,
                          option.fontMetrics.elidedText(index.data().toString(), Qt::ElideMiddle, words.width()));
    }
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {120, rowHeight}; }
};

} // namespace

FileList::FileList(QWidget* parent) : QListWidget(parent)
{
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("Open files"));
    setUniformItemSizes(true);
    setMouseTracking(true);
    setItemDelegate(new FileDelegate(this));
    connect(this, &QListWidget::currentItemChanged, this, [this](QListWidgetItem* item) {
        if (item)
            emit chosen(item->data(idRole).toULongLong());
    });
}

QListWidgetItem* FileList::itemOf(quint64 id) const
{
    for (int i = 0; i < count(); ++i)
        if (item(i)->data(idRole).toULongLong() == id)
            return item(i);
    return nullptr;
}

void FileList::add(const Manifest& manifest)
{
    const QSignalBlocker quiet(this);
    auto* item = new QListWidgetItem(this);
    item->setData(idRole, manifest.id());
    refresh(manifest);
}

void FileList::remove(quint64 id)
{
    const QSignalBlocker quiet(this);
    delete itemOf(id);
}

void FileList::refresh(const Manifest& manifest)
{
    auto* item = itemOf(manifest.id());
    if (!item)
        return;
    item->setText(manifest.name());
    item->setData(editedRole, manifest.isEdited());
    item->setData(pathRole, manifest.path());
    describe(*item);
}

void FileList::setFindings(std::map<quint64, FindingCounts> counts)
{
    m_counts = std::move(counts);
    for (int i = 0; i < count(); ++i)
        describe(*item(i));
}

void FileList::describe(QListWidgetItem& item) const
{
    using document::Severity;
    const auto found = m_counts.find(item.data(idRole).toULongLong());
    const auto counts = found == m_counts.end() ? FindingCounts() : found->second;
    QVariant gravest;
    for (const auto severity : {Severity::Warning, Severity::Error})
        if (counts.of(severity) > 0)
            gravest = static_cast<int>(severity);
    item.setData(gravestRole, gravest);
    const auto path = item.data(pathRole).toString();
    QStringList tip{path.isEmpty() ? tr("Not saved yet") : path};
    auto said = item.data(editedRole).toBool() ? tr("%1, edited").arg(item.text()) : item.text();
    if (const auto words = counts.words(); !words.isEmpty()) {
        tip << words;
        said += QStringLiteral(", ") + words;
    }
    item.setToolTip(tip.join(QLatin1Char('\n')));
    item.setData(Qt::AccessibleTextRole, said);
}

void FileList::setCurrent(quint64 id)
{
    const QSignalBlocker quiet(this);
    setCurrentItem(itemOf(id));
}

} // namespace keelson::ui
