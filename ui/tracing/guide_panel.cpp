// SPDX-License-Identifier: GPL-3.0-or-later
#include "tracing/guide_panel.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace keelson::ui {
namespace {

constexpr int factsMax = 5;
constexpr int panelWidth = 320;

QLabel* paragraph(QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

} // namespace

GuidePanel::GuidePanel(QWidget* parent)
    : QWidget(parent),
      m_place(new QLabel(this)),
      m_title(new QLabel(this)),
      m_meaning(paragraph(this)),
      m_facts(paragraph(this)),
      m_back(new QPushButton(tr("Back"), this)),
      m_next(new QPushButton(tr("Next"), this))
{
    setFixedWidth(panelWidth);
    auto font = m_title->font();
    font.setPointSizeF(font.pointSizeF() * 1.25);
    font.setBold(true);
    m_title->setFont(font);
    m_place->setForegroundRole(QPalette::PlaceholderText);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(18, 16, 18, 16);
    column->setSpacing(10);
    column->addWidget(m_place);
    column->addWidget(m_title);
    column->addWidget(m_meaning);
    column->addSpacing(6);
    column->addWidget(m_facts);
    column->addStretch(1);
    auto* row = new QHBoxLayout;
    row->addWidget(m_back);
    row->addStretch(1);
    row->addWidget(m_next);
    column->addLayout(row);
    connect(m_back, &QPushButton::clicked, this, [this] { setLane(m_lane - 1); });
    connect(m_next, &QPushButton::clicked, this, [this] { setLane(m_lane + 1); });
    refresh();
}

void GuidePanel::setTrace(const trace::TraceView& trace)
{
    m_trace = trace;
    refresh();
}

void GuidePanel::setLane(int lane)
{
    lane = std::clamp(lane, 0, static_cast<int>(lanes().size()) - 1);
    if (lane == m_lane)
        return;
    m_lane = lane;
    refresh();
    emit laneChanged(lane);
}

/// What this trace says of the step: each sentence once, with the time that the first one took.
QString GuidePanel::facts() const
{
    QStringList lines;
    QStringList seen;
    int more = 0;
    for (const auto& step : m_trace.steps) {
        const auto summary = QString::fromStdString(step.summary);
        if (laneOf(step.step) != m_lane || seen.contains(summary))
            continue;
        seen << summary;
        if (lines.size() == factsMax)
            ++more;
        else
            lines << tr("%1: %2 (%3)")
                         .arg(QString::fromStdString(m_trace.objects[step.object].text()), summary,
                              QString::fromStdString(trace::durationText(step.length)));
    }
    if (lines.isEmpty())
        return tr("Nothing of this step is in this trace.");
    if (more > 0)
        lines << tr("and %n more", nullptr, more);
    return lines.join(QStringLiteral("\n\n"));
}

void GuidePanel::refresh()
{
    const auto& lane = lanes()[m_lane];
    m_place->setText(tr("Step %1 of %2").arg(m_lane + 1).arg(lanes().size()));
    m_title->setText(lane.title);
    m_meaning->setText(lane.meaning);
    m_facts->setText(facts());
    m_back->setEnabled(m_lane > 0);
    m_next->setEnabled(m_lane + 1 < lanes().size());
}

} // namespace keelson::ui
