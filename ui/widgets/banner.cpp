// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/banner.h"

#include "models/read.h"
#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace keelson::ui {

QString errorLine(const Error& error)
{
    const auto reason = toText(reasonName(error.reason));
    const auto message = QString::fromStdString(error.message);
    return message.isEmpty() ? reason : QStringLiteral("%1: %2").arg(reason, message);
}

Banner::Banner(QWidget* parent)
    : QFrame(parent),
      m_title(new QLabel(this)),
      m_detail(new QLabel(this)),
      m_retry(new QPushButton(tr("Try again"), this)),
      m_actions(new QHBoxLayout)
{
    auto font = m_title->font();
    font.setBold(true);
    m_title->setFont(font);
    m_title->setWordWrap(true);
    m_detail->setWordWrap(true);
    m_detail->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_title->setTextFormat(Qt::PlainText);
    m_detail->setTextFormat(Qt::PlainText);
    m_detail->setMinimumWidth(40);
    auto* close = new QToolButton(this);
    close->setIcon(icon(QStringLiteral("close")));
    close->setAutoRaise(true);
    close->setToolTip(tr("Dismiss"));
    close->setAccessibleName(tr("Dismiss"));

    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(m_title);
    words->addWidget(m_detail);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(44, 10, 10, 10);
    row->setSpacing(10);
    row->addLayout(words, 1);
    row->addLayout(m_actions);
    row->addWidget(m_retry, 0, Qt::AlignVCenter);
    row->addWidget(close, 0, Qt::AlignTop);
    connect(m_retry, &QPushButton::clicked, this, &Banner::retry);
    connect(close, &QToolButton::clicked, this, [this] {
        hide();
        emit dismissed();
    });
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    hide();
}

void Banner::showError(const QString& what, const Error& error)
{
    QString detail = QString::fromStdString(error.message);
    for (const auto& cause : error.causes)
        if (const auto line = QString::fromStdString(cause.field + ": " + cause.message); !detail.contains(line))
            detail += QLatin1Char('\n') + line;
    showMessage(StatusRole::Error, QStringLiteral("%1 (%2)").arg(what, toText(reasonName(error.reason))), detail);
}

void Banner::showMessage(StatusRole role, const QString& title, const QString& detail)
{
    m_role = role;
    while (auto* item = m_actions->takeAt(0)) {
        item->widget()->deleteLater();
        delete item;
    }
    m_title->setText(title);
    m_detail->setText(breakable(detail));
    m_detail->setVisible(!detail.isEmpty());
    m_retry->setVisible(role == StatusRole::Error);
    setAccessibleName(title);
    setAccessibleDescription(detail);
    show();
    update();
}

void Banner::offer(const QString& text, std::function<void()> run)
{
    auto* button = new QPushButton(text, this);
    m_actions->addWidget(button);
    // Later: what it does may show the next message, and with it the button goes.
    connect(button, &QPushButton::clicked, this, std::move(run), Qt::QueuedConnection);
}

void Banner::setRetryVisible(bool visible)
{
    m_retry->setVisible(visible);
}

QString Banner::text() const
{
    return m_title->text() + QLatin1Char('\n') + unbroken(m_detail->text());
}

void Banner::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto& tokens = Theme::tokens();
    const auto color = Theme::status(m_role);
    painter.setPen(mixed(tokens.border, color, 0.5));
    painter.setBrush(mixed(tokens.surface, color, 0.10));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    paintIcon(painter, QRectF(14, 10, 20, 20), Theme::statusIcon(m_role), color);
}

} // namespace keelson::ui
