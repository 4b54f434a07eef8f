// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/step_list.h"

#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QPainter>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int left = 40;
constexpr int padding = 9;

} // namespace

StepList::StepList(QWidget* parent) : QWidget(parent)
{
    auto policy = sizePolicy();
    policy.setHeightForWidth(true);
    policy.setVerticalPolicy(QSizePolicy::Minimum);
    setSizePolicy(policy);
}

void StepList::set(const Step& step)
{
    const auto known = std::ranges::find(m_steps, step.id, &Step::id);
    if (known == m_steps.end())
        m_steps << step;
    else
        *known = step;
    setAccessibleDescription(step.title + QLatin1Char(' ') + step.detail);
    updateGeometry();
    setMinimumHeight(heightFor(std::max(200, width())));
    update();
}

void StepList::clear()
{
    m_steps.clear();
    updateGeometry();
    update();
}

int StepList::stepHeight(const Step& step, int width) const
{
    const auto metrics = fontMetrics();
    int height = metrics.height() + 2 * padding;
    for (const auto& text : {step.detail, step.advice})
        if (!text.isEmpty())
            height += 3 + metrics.boundingRect(QRect(0, 0, width - left - 8, 1000), Qt::TextWordWrap, text).height();
    return height;
}

int StepList::heightFor(int width) const
{
    int height = 0;
    for (const auto& step : m_steps)
        height += stepHeight(step, width);
    return std::max(height, 40);
}

void StepList::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto& tokens = Theme::tokens();
    int y = 0;
    for (qsizetype i = 0; i < m_steps.size(); ++i) {
        const auto& step = m_steps[i];
        const int height = stepHeight(step, width());
        const int line = fontMetrics().height();
        if (i + 1 < m_steps.size()) {
            painter.setPen(QPen(tokens.border, 1.5));
            painter.drawLine(QPointF(18, y + padding + line + 4), QPointF(18, y + height + padding - 4));
        }
        const bool isBegun = step.role != StatusRole::Ending;
        paintIcon(painter, QRectF(9, y + padding + line / 2.0 - 9, 18, 18), Theme::statusIcon(step.role),
                  isBegun ? Theme::status(step.role) : tokens.border);
        auto font = this->font();
        font.setBold(step.role == StatusRole::Progress || step.role == StatusRole::Error);
        painter.setFont(font);
        painter.setPen(isBegun ? tokens.text : tokens.muted);
        painter.drawText(QRect(left, y + padding, width() - left - 8, line), Qt::AlignVCenter, step.title);
        int at = y + padding + line + 3;
        painter.setFont(this->font());
        for (const auto& text : {step.detail, step.advice}) {
            if (text.isEmpty())
                continue;
            painter.setPen(&text == &step.advice ? tokens.text : tokens.muted);
            const auto rect =
                fontMetrics().boundingRect(QRect(left, at, width() - left - 8, 1000), Qt::TextWordWrap, text);
            painter.drawText(QRect(left, at, width() - left - 8, rect.height()), Qt::TextWordWrap, text);
            at += rect.height() + 3;
        }
        y += height;
    }
}

} // namespace keelson::ui
