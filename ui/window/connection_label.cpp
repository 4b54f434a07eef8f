// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/connection_label.h"

#include "models/read.h"
#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>

namespace keelson::ui {

namespace {

constexpr int glyphSize = 14;

StatusRole roleOf(Reachability::State state)
{
    switch (state) {
    case Reachability::State::Connected:
        return StatusRole::Ok;
    case Reachability::State::Slow:
        return StatusRole::Waiting;
    case Reachability::State::Unavailable:
        break;
    }
    return StatusRole::Error;
}

QString wordsOf(Reachability::State state, const QString& silence)
{
    switch (state) {
    case Reachability::State::Connected:
        return ConnectionLabel::tr("Connected");
    case Reachability::State::Slow:
        return ConnectionLabel::tr("Slow: no answer for %1").arg(silence);
    case Reachability::State::Unavailable:
        break;
    }
    return ConnectionLabel::tr("Not available for %1, trying again").arg(silence);
}

} // namespace

ConnectionLabel::ConnectionLabel(const Clock& clock, QWidget* parent)
    : QWidget(parent), m_clock(clock), m_glyph(new QLabel(this)), m_words(new QLabel(this))
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 6, 0);
    row->setSpacing(6);
    row->addWidget(m_glyph);
    row->addWidget(m_words);
}

void ConnectionLabel::showHealth(const HealthProbe& health)
{
    const auto state = health.state();
    const auto role = roleOf(state);
    const auto answered = QDateTime::fromMSecsSinceEpoch(nowMs(m_clock) - health.silentMs());
    m_glyph->setPixmap(iconPixmap(Theme::statusIcon(role), Theme::status(role), glyphSize, devicePixelRatioF()));
    m_words->setText(wordsOf(state, ageText(answered.toMSecsSinceEpoch(), m_clock)));
    auto palette = m_words->palette();
    palette.setColor(QPalette::WindowText, state == Reachability::State::Connected
                                               ? Theme::tokens().muted
                                               : Theme::statusText(role, Theme::tokens().side));
    m_words->setPalette(palette);
    auto tip = tr("Last answer at %1").arg(QLocale().toString(answered.time(), QLocale::ShortFormat));
    if (health.problem())
        tip.prepend(QString::fromStdString(health.problem()->message) + QLatin1Char('\n'));
    setToolTip(tip);
    setAccessibleName(m_words->text());
}

QString ConnectionLabel::text() const
{
    return m_words->text();
}

} // namespace keelson::ui
