// SPDX-License-Identifier: GPL-3.0-or-later
#include "workloads/bulk_bar.h"

#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

namespace keelson::ui {

QStringList rowCommands(const KindInfo& kind)
{
    QStringList commands{QStringLiteral("row.describe"), QStringLiteral("row.yaml")};
    if (kind.id == QLatin1String("pods") || kind.id == QLatin1String("deployments") ||
        kind.id == QLatin1String("replicasets"))
        commands << QStringLiteral("row.logs");
    if (kind.id == QLatin1String("pods") || kind.id == QLatin1String("deployments") ||
        kind.id == QLatin1String("replicasets") || kind.id == QLatin1String("services"))
        commands << QStringLiteral("row.trace");
    if (kind.id == QLatin1String("deployments"))
        commands << QStringLiteral("row.rollouts");
    if (kind.id == QLatin1String("deployments") || kind.id == QLatin1String("replicasets"))
        commands << QStringLiteral("row.scale");
    if (kind.id == QLatin1String("deployments"))
        commands << QStringLiteral("row.restart");
    if (kind.id == QLatin1String("nodes"))
        commands << QStringLiteral("row.cordon");
    commands << QStringLiteral("row.delete");
    return commands;
}

BulkBar::BulkBar(const KindInfo& kind, QWidget* parent) : QWidget(parent), m_label(new QLabel(this))
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(14, 5, 8, 5);
    row->setSpacing(8);
    row->addWidget(m_label);
    row->addStretch();
    const struct {
        const char* id;
        const char* icon;
        QString text;
    } offered[] = {{"row.scale", "scale", tr("Scale…")},
                   {"row.restart", "restart", tr("Restart…")},
                   {"row.delete", "delete", tr("Delete…")}};
    const auto possible = rowCommands(kind);
    for (const auto& offer : offered) {
        if (!possible.contains(QLatin1String(offer.id)))
            continue;
        auto* button = new QPushButton(icon(QLatin1String(offer.icon)), offer.text, this);
        const QString id = QLatin1String(offer.id);
        connect(button, &QPushButton::clicked, this, [this, id] { emit commandRequested(id); });
        row->addWidget(button);
    }
    auto* clear = new QToolButton(this);
    clear->setIcon(icon(QStringLiteral("close")));
    clear->setToolTip(tr("Clear the selection"));
    clear->setAutoRaise(true);
    connect(clear, &QToolButton::clicked, this, &BulkBar::clearRequested);
    row->addWidget(clear);
    hide();
}

void BulkBar::setCount(int count)
{
    m_label->setText(tr("%Ln selected", nullptr, count));
    setVisible(count > 1);
}

void BulkBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const auto& tokens = Theme::tokens();
    painter.fillRect(rect(), tokens.selection);
    painter.fillRect(QRect(0, 0, width(), 1), tokens.border);
}

} // namespace keelson::ui
