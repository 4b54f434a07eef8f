// SPDX-License-Identifier: GPL-3.0-or-later
#include "workloads/content_list.h"

#include "models/read.h"
#include "widgets/elided_label.h"
#include "widgets/theme.h"

#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace keelson::ui {

namespace {

constexpr qsizetype linesMax = 3; ///< Of what is not open.
constexpr qsizetype lineMax = 200;

QString beginning(const QString& text)
{
    auto lines = text.trimmed().split(QLatin1Char('\n')).mid(0, linesMax);
    for (auto& line : lines)
        if (line.size() > lineMax)
            line = line.left(lineMax) + QStringLiteral("…");
    return lines.join(QLatin1Char('\n'));
}

bool isLong(const Inspection::Content& content)
{
    return !content.isWhole || beginning(content.text) != content.text.trimmed();
}

QString textOf(const Inspection::Content& content, bool isOpen)
{
    if (content.bytes == 0 || (content.isHidden && !isOpen))
        return {};
    if (content.text.isEmpty())
        return ContentList::tr("binary");
    const auto text = isOpen ? content.text.trimmed() : beginning(content.text);
    return isOpen && !content.isWhole ? text + QStringLiteral("\n…") : text;
}

} // namespace

ContentList::ContentList(const QVector<Inspection::Content>& contents, const Opened& opened, QWidget* parent)
    : QWidget(parent)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(3);
    for (const auto& content : contents) {
        auto* head = new QHBoxLayout;
        head->setSpacing(10);
        auto* size = new QLabel(bytesText(content.bytes), this);
        size->setForegroundRole(QPalette::PlaceholderText);
        auto* toggle = new QToolButton(this);
        toggle->setObjectName(content.key);
        auto* text = new QLabel(this);
        text->setTextFormat(Qt::PlainText);
        text->setWordWrap(true);
        text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        text->setMinimumWidth(40);
        const bool hasText = !content.text.isEmpty();
        if (hasText)
            text->setFont(Theme::monospace());
        else
            text->setForegroundRole(QPalette::PlaceholderText);
        const auto show = [content, opened, text, toggle] {
            const bool isOpen = opened->contains(content.key);
            const auto words = textOf(content, isOpen);
            text->setText(breakable(words));
            text->setVisible(!words.isEmpty());
            toggle->setText(content.isHidden ? (isOpen ? tr("Hide") : tr("Show")) : isOpen ? tr("Less") : tr("More"));
            toggle->setAccessibleName(tr("%1 of %2").arg(toggle->text(), content.key));
        };
        connect(toggle, &QToolButton::clicked, this, [key = content.key, opened, show] {
            if (!opened->remove(key))
                opened->insert(key);
            show();
        });
        head->addWidget(new ElidedLabel(Qt::ElideMiddle, this, content.key), 1);
        head->addWidget(size);
        head->addWidget(toggle);
        toggle->setVisible(content.bytes > 0 && (content.isHidden || (hasText && isLong(content))));
        column->addLayout(head);
        column->addWidget(text);
        column->addSpacing(5);
        show();
    }
}

} // namespace keelson::ui
