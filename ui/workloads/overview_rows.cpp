// SPDX-License-Identifier: GPL-3.0-or-later
#include "workloads/overview_rows.h"

#include "models/read.h"
#include "widgets/elided_label.h"
#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int rowHeight = 34;
constexpr int leadWidthMax = 150;
constexpr int gap = 12;
constexpr int nameSharePercent = 70; // of the room beside a sentence

/// A glyph with a word, as a small label.
class StatusWord : public QWidget {
public:
    StatusWord(Status status, QWidget* parent) : QWidget(parent), m_status(std::move(status))
    {
        setToolTip(m_status.reason);
        setFixedHeight(20);
    }
    QSize sizeHint() const override { return {fontMetrics().horizontalAdvance(m_status.word) + 24, 20}; }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        paintIcon(painter, QRectF(0, 3, 14, 14), Theme::statusIcon(m_status.role), Theme::status(m_status.role));
        painter.setPen(Theme::statusText(m_status.role, Theme::tokens().surface));
        painter.drawText(rect().adjusted(20, 0, 0, 0), Qt::AlignVCenter, m_status.word);
    }

private:
    Status m_status;
};

QWidget* gauge(const QString& title, const QString& text, double used, QWidget* parent)
{
    auto* box = new QWidget(parent);
    box->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // the same width in each row
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(3);
    auto* row = new QHBoxLayout;
    auto* name = new QLabel(title, box);
    name->setForegroundRole(QPalette::PlaceholderText);
    row->addWidget(name);
    row->addStretch();
    row->addWidget(new ElidedLabel(Qt::ElideRight, box, text));
    auto* meter = new Meter(box);
    meter->setUsed(used);
    meter->setAccessibleName(title + QLatin1Char(' ') + text);
    column->addLayout(row);
    column->addWidget(meter);
    return box;
}

double share(qint64 part, qint64 whole)
{
    return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

} // namespace

KindCard::KindCard(const KindInfo& kind, QWidget* parent)
    : Card(parent),
      m_kind(kind),
      m_number(new QLabel(QStringLiteral("–"), this)),
      m_words(new ElidedLabel(Qt::ElideRight, this)),
      m_meter(new Meter(this))
{
    setClickable(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 13, 16, 14);
    column->setSpacing(5);
    auto* top = new QHBoxLayout;
    auto* title = new QLabel(kind.title, this);
    title->setForegroundRole(QPalette::PlaceholderText);
    top->addWidget(title);
    top->addStretch();
    column->addLayout(top);
    auto font = m_number->font();
    font.setPointSizeF(font.pointSizeF() * 2.1);
    font.setWeight(QFont::DemiBold);
    m_number->setFont(font);
    column->addWidget(m_number);
    auto keep = m_meter->sizePolicy();
    keep.setRetainSizeWhenHidden(true);
    m_meter->setSizePolicy(keep);
    column->addWidget(m_meter);
    m_words->setForegroundRole(QPalette::PlaceholderText);
    column->addWidget(m_words);
    setMinimumWidth(150);
}

void KindCard::setCounts(const StatusCounts& counts, bool isLoading)
{
    m_number->setText(isLoading && counts.total == 0 ? QStringLiteral("…") : QLocale().toString(counts.total));
    QVector<Meter::Part> parts;
    QStringList words;
    if (m_kind.hasStatus) {
        const struct {
            StatusRole role;
            QString word;
        } order[] = {{StatusRole::Error, tr("failing")},     {StatusRole::Waiting, tr("waiting")},
                     {StatusRole::Progress, tr("starting")}, {StatusRole::Unknown, tr("unknown")},
                     {StatusRole::Ending, tr("ending")},     {StatusRole::Ok, tr("healthy")},
                     {StatusRole::Done, tr("done")}};
        for (const auto& entry : order) {
            if (counts.of(entry.role) == 0)
                continue;
            parts << Meter::Part{entry.role, share(counts.of(entry.role), counts.total)};
            words << QStringLiteral("%1 %2").arg(QLocale().toString(counts.of(entry.role)), entry.word);
        }
    }
    m_meter->setParts(parts);
    m_meter->setVisible(m_kind.hasStatus && counts.total > 0);
    m_words->setText(words.mid(0, 2).join(QStringLiteral(" · ")));
    m_words->setToolTip(words.join(QLatin1Char('\n')));
    setAccessibleName(
        QStringLiteral("%1: %2. %3").arg(m_kind.title).arg(counts.total).arg(words.join(QStringLiteral(", "))));
}

ItemRow::ItemRow(ItemPtr item, Words words, QWidget* parent)
    : QWidget(parent), m_item(std::move(item)), m_words(std::move(words))
{
    setFocusPolicy(Qt::TabFocus);
    setCursor(Qt::PointingHandCursor);
    const auto title = QStringList{m_words.lead, m_words.name}.join(QLatin1Char(' ')).trimmed();
    setToolTip(title + QLatin1Char('\n') + m_words.detail);
    auto said = QStringList{m_item->status.word, title, m_words.detail, m_words.right};
    said.removeAll(QString());
    setAccessibleName(said.join(QStringLiteral(", ")));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    alignLeads({this});
}

void ItemRow::alignLeads(const QVector<ItemRow*>& rows)
{
    int widest = 0;
    for (const auto* row : rows)
        widest = std::max(widest, row->fontMetrics().horizontalAdvance(row->m_words.lead));
    for (auto* row : rows)
        row->m_leadWidth = widest > 0 ? std::min(widest + 2, leadWidthMax) + gap : 0;
}

QSize ItemRow::sizeHint() const
{
    return {200, rowHeight};
}

void ItemRow::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto& tokens = Theme::tokens();
    if (underMouse() || hasFocus()) {
        painter.setPen(hasFocus() ? QPen(tokens.accent) : QPen(Qt::NoPen));
        painter.setBrush(tokens.hover);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
    }
    const auto role = m_item->status.role;
    paintIcon(painter, QRectF(8, (rowHeight - 14) / 2.0, 14, 14), Theme::statusIcon(role), Theme::status(role));
    const auto metrics = fontMetrics();
    int left = 32;
    const auto draw = [&](const QString& text, int width, const QColor& color, Qt::TextElideMode mode) {
        painter.setPen(color);
        painter.drawText(QRect(left, 0, width, rowHeight), Qt::AlignVCenter, metrics.elidedText(text, mode, width));
        left += width;
    };
    const int rightWidth = metrics.horizontalAdvance(m_words.right);
    if (m_leadWidth > 0) {
        draw(m_words.lead, m_leadWidth - gap, tokens.muted, Qt::ElideRight);
        left += gap;
    }
    const int room = width() - left - rightWidth - 8 - gap;
    const int nameWidth = metrics.horizontalAdvance(m_words.name) + 2;
    const int nameRoom = m_words.detail.isEmpty() ? room : room * nameSharePercent / 100;
    draw(m_words.name, std::min(nameWidth, nameRoom), tokens.text, Qt::ElideMiddle);
    left += gap;
    draw(m_words.detail, width() - left - rightWidth - 8 - gap, tokens.muted, Qt::ElideRight);
    left = width() - rightWidth - 8;
    draw(m_words.right, rightWidth, tokens.muted, Qt::ElideNone);
}

void ItemRow::enterEvent(QEnterEvent*)
{
    update();
}

void ItemRow::leaveEvent(QEvent*)
{
    update();
}

void ItemRow::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        emit activated(m_item);
}

void ItemRow::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Space)
        emit activated(m_item);
    else
        QWidget::keyPressEvent(event);
}

NodeRow::NodeRow(const NodeLoad& load, QWidget* parent) : QWidget(parent), m_node(load.node)
{
    setCursor(Qt::PointingHandCursor);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(8, 7, 8, 7);
    row->setSpacing(22);
    auto* names = new QVBoxLayout;
    names->setSpacing(2);
    names->addWidget(new ElidedLabel(Qt::ElideMiddle, this, m_node->name));
    names->addWidget(new StatusWord(m_node->status, this));
    auto* left = new QWidget(this);
    left->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // the same width in each row
    left->setMaximumWidth(220);
    names->setContentsMargins(0, 0, 0, 0);
    left->setLayout(names);
    row->addWidget(left, 4, Qt::AlignTop);
    const auto* facts = m_node->factsAs<NodeFacts>();
    if (!facts)
        return;
    const auto add = [&](const QString& title, const QString& used, const QString& whole, double part, int stretch) {
        row->addWidget(gauge(title, tr("%1 of %2").arg(used, whole), part, this), stretch, Qt::AlignTop);
    };
    add(tr("CPU"), coresText(load.cpuMilli), coresText(facts->cpuMilli), share(load.cpuMilli, facts->cpuMilli), 4);
    add(tr("Memory"), bytesText(load.memoryBytes), bytesText(facts->memoryBytes),
        share(load.memoryBytes, facts->memoryBytes), 5);
    add(tr("Pods"), QString::number(load.pods), QString::number(facts->pods), share(load.pods, facts->pods), 4);
}

void NodeRow::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        emit activated(m_node);
}

} // namespace keelson::ui
