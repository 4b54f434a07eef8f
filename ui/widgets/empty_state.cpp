// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/empty_state.h"

#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QEvent>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace keelson::ui {
namespace {

constexpr int textWidth = 440;
constexpr int textWidthMin = 240; // where there is little room
constexpr int margins = 32;

} // namespace

EmptyState::EmptyState(QWidget* parent)
    : QWidget(parent),
      m_icon(new QLabel(this)),
      m_title(new QLabel(this)),
      m_text(new QLabel(this)),
      m_button(new QPushButton(this))
{
    auto font = m_title->font();
    font.setPointSizeF(font.pointSizeF() * 1.35);
    font.setBold(true);
    m_title->setFont(font);
    m_title->setAlignment(Qt::AlignHCenter);
    m_text->setAlignment(Qt::AlignHCenter);
    m_text->setWordWrap(true);
    m_text->setFixedWidth(textWidth);
    m_icon->setAlignment(Qt::AlignHCenter);
    m_button->setDefault(true);
    auto* column = new QVBoxLayout(this);
    column->setSpacing(10);
    column->addStretch(2);
    column->addWidget(m_icon, 0, Qt::AlignHCenter);
    column->addWidget(m_title, 0, Qt::AlignHCenter);
    column->addWidget(m_text, 0, Qt::AlignHCenter);
    column->addSpacing(6);
    column->addWidget(m_button, 0, Qt::AlignHCenter);
    column->addStretch(3);
    connect(m_button, &QPushButton::clicked, this, &EmptyState::activated);
}

void EmptyState::set(const QString& icon, const QString& title, const QString& text, const QString& button)
{
    m_name = icon;
    m_title->setText(title);
    m_text->setText(text);
    m_button->setText(button);
    m_button->setVisible(!button.isEmpty());
    fitText();
    recolour();
}

void EmptyState::fitText()
{
    const int wide = std::clamp(width() - margins, textWidthMin, textWidth);
    m_text->setFixedWidth(wide);
    m_text->setMinimumHeight(0); // else it would never get lower than it was where there was less room
    m_text->setFixedHeight(std::max(0, m_text->heightForWidth(wide))); // Centred in a layout it would get one line.
}

QSize EmptyState::minimumSizeHint() const
{
    const auto whole = QWidget::minimumSizeHint();
    return {std::min(whole.width(), textWidthMin + margins), whole.height()};
}

void EmptyState::resizeEvent(QResizeEvent* event)
{
    fitText();
    QWidget::resizeEvent(event);
}

void EmptyState::showEvent(QShowEvent* event)
{
    fitText(); // The style's font is known now.
    QWidget::showEvent(event);
}

void EmptyState::recolour()
{
    m_icon->setPixmap(
        iconPixmap(m_name, mixed(Theme::tokens().muted, Theme::tokens().surface, 0.25), 52, devicePixelRatioF()));
    auto palette = m_text->palette();
    palette.setColor(QPalette::WindowText, Theme::tokens().muted);
    m_text->setPalette(palette);
}

void EmptyState::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::ApplicationPaletteChange && !m_name.isEmpty())
        recolour();
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        fitText();
    QWidget::changeEvent(event);
}

} // namespace keelson::ui
