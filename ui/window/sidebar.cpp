// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/sidebar.h"

#include "models/kind_info.h"
#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QEvent>
#include <QHeaderView>
#include <QLineEdit>
#include <QPainter>
#include <QScrollBar>
#include <QStyledItemDelegate>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace keelson::ui {

namespace {

constexpr int pageRole = Qt::UserRole;
constexpr int iconRole = Qt::UserRole + 1;

class SidebarDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto& tokens = Theme::tokens();
        painter->fillRect(option.rect, tokens.side);
        const auto text = index.data(Qt::DisplayRole).toString();
        if (index.data(pageRole).toString().isEmpty()) {
            auto font = option.font;
            font.setPointSizeF(font.pointSizeF() * 0.86);
            font.setBold(true);
            painter->setFont(font);
            painter->setPen(tokens.muted);
            painter->drawText(option.rect.adjusted(16, 6, -8, 0), Qt::AlignVCenter, text);
            return;
        }
        const bool isCurrent = option.state.testFlag(QStyle::State_Selected);
        if (isCurrent || option.state.testFlag(QStyle::State_MouseOver)) {
            painter->setRenderHint(QPainter::Antialiasing);
            painter->setPen(Qt::NoPen);
            painter->setBrush(isCurrent ? tokens.selection : tokens.hover);
            painter->drawRoundedRect(QRectF(option.rect).adjusted(8, 1, -8, -1), 6, 6);
        }
        const auto color = isCurrent ? tokens.accent : tokens.muted;
        paintIcon(*painter, QRectF(option.rect.left() + 18, option.rect.center().y() - 8, 17, 17),
                  index.data(iconRole).toString(), color);
        painter->setFont(option.font);
        painter->setPen(isCurrent ? tokens.text : mixed(tokens.text, tokens.muted, 0.35));
        const auto rect = option.rect.adjusted(46, 0, -12, 0);
        painter->drawText(rect, Qt::AlignVCenter, option.fontMetrics.elidedText(text, Qt::ElideRight, rect.width()));
    }
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override
    {
        return {120, index.data(pageRole).toString().isEmpty() ? 34 : 30};
    }
};

} // namespace

Sidebar::Sidebar(QWidget* parent) : QWidget(parent), m_tree(new QTreeWidget(this)), m_filter(new QLineEdit(this))
{
    m_tree->setHeaderHidden(true);
    m_tree->setRootIsDecorated(false);
    m_tree->setIndentation(0);
    m_tree->setFrameShape(QFrame::NoFrame);
    m_tree->setMouseTracking(true);
    m_tree->setItemDelegate(new SidebarDelegate(m_tree));
    m_tree->setAccessibleName(tr("Pages"));
    m_tree->setItemsExpandable(false);
    m_tree->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_tree->viewport()->setAutoFillBackground(false);

    auto* top = m_tree->invisibleRootItem();
    addPage(top, QStringLiteral("overview"), tr("Overview"), QStringLiteral("overview"));
    addPage(top, QStringLiteral("topology"), tr("Topology"), QStringLiteral("topology"));
    addPage(top, QStringLiteral("designer"), tr("Designer"), QStringLiteral("designer"));
    addPage(top, QStringLiteral("trace"), tr("Trace"), QStringLiteral("trace"));
    addPage(top, QStringLiteral("manifests"), tr("Manifests"), QStringLiteral("manifests"));
    const struct {
        const char* id;
        QString title;
    } sections[] = {{"workloads", tr("WORKLOADS")},
                    {"network", tr("NETWORK")},
                    {"config", tr("CONFIGURATION")},
                    {"access", tr("ACCESS")},
                    {"cluster", tr("CLUSTER")}};
    for (const auto& section : sections) {
        auto* item = addSection(section.title);
        for (const auto& kind : kinds())
            if (kind.section == QLatin1String(section.id))
                addPage(item, kind.id, kind.title, kind.icon);
    }
    m_tree->expandAll();

    m_tree->viewport()->installEventFilter(this);
    connect(m_tree->verticalScrollBar(), &QScrollBar::actionTriggered, this, [this] { m_isScrolled = true; });
    m_filter->setPlaceholderText(tr("Find a page"));
    m_filter->setClearButtonEnabled(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 8, 0, 0);
    column->setSpacing(6);
    column->addWidget(m_tree, 1);
    auto* bottom = new QHBoxLayout;
    bottom->setContentsMargins(8, 0, 8, 8);
    bottom->addWidget(m_filter);
    column->addLayout(bottom);
    connect(m_tree, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem* item) {
        if (item && !item->data(0, pageRole).toString().isEmpty())
            emit pageRequested(item->data(0, pageRole).toString());
    });
    connect(m_filter, &QLineEdit::textChanged, this, &Sidebar::narrow);
    connect(m_filter, &QLineEdit::returnPressed, this, [this] {
        for (QTreeWidgetItemIterator it(m_tree,
                                        QTreeWidgetItemIterator::NotHidden | QTreeWidgetItemIterator::Selectable);
             *it; ++it) {
            emit pageRequested((*it)->data(0, pageRole).toString());
            return;
        }
    });
}

QTreeWidgetItem* Sidebar::addSection(const QString& title)
{
    auto* item = new QTreeWidgetItem(m_tree, {title});
    item->setFlags(Qt::ItemIsEnabled);
    return item;
}

QTreeWidgetItem* Sidebar::addPage(QTreeWidgetItem* section, const QString& id, const QString& title,
                                  const QString& iconName)
{
    auto* item = new QTreeWidgetItem(section, {title});
    item->setData(0, pageRole, id);
    item->setData(0, iconRole, iconName);
    return item;
}

void Sidebar::setCurrent(const QString& page)
{
    const QSignalBlocker quiet(m_tree);
    for (QTreeWidgetItemIterator it(m_tree); *it; ++it)
        if ((*it)->data(0, pageRole).toString() == page)
            m_tree->setCurrentItem(*it);
}

QStringList Sidebar::pages() const
{
    QStringList all;
    for (QTreeWidgetItemIterator it(m_tree); *it; ++it)
        if (const auto page = (*it)->data(0, pageRole).toString(); !page.isEmpty())
            all << page;
    return all;
}

void Sidebar::narrow(const QString& text)
{
    for (QTreeWidgetItemIterator it(m_tree); *it; ++it)
        if (!(*it)->data(0, pageRole).toString().isEmpty())
            (*it)->setHidden(!text.isEmpty() && !(*it)->text(0).contains(text, Qt::CaseInsensitive));
}

/// As much of the beginning as leaves the current page in sight.
void Sidebar::showFromTop()
{
    if (m_isScrolled)
        return;
    m_tree->scrollToTop();
    if (auto* current = m_tree->currentItem())
        m_tree->scrollToItem(current);
}

bool Sidebar::eventFilter(QObject* watched, QEvent* event)
{
    // A page is chosen before the window has its size: what was out of sight then is not now.
    if (event->type() == QEvent::Resize)
        QMetaObject::invokeMethod(this, &Sidebar::showFromTop, Qt::QueuedConnection);
    return QWidget::eventFilter(watched, event);
}

void Sidebar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), Theme::tokens().side);
}

} // namespace keelson::ui
