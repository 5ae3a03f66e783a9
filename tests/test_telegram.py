import asyncio

from telegram import Chat, Message, Update

from bot.telegram import OrderedUpdates


def update_of(chat_id):
    message = Message(message_id=1, date=None, chat=Chat(chat_id, Chat.PRIVATE))
    return Update(update_id=1, message=message)


class Work:
    """Updates that are being answered until told to end."""

    def __init__(self, processor):
        self.processor = processor
        self.started = []
        self.gates = {}
        self.tasks = []

    def take(self, chat_id, name, *, fails=False):
        self.gates[name] = asyncio.Event()

        async def answer():
            self.started.append(name)
            await self.gates[name].wait()
            if fails:
                raise RuntimeError(name)

        self.tasks.append(asyncio.create_task(self.processor.process_update(update_of(chat_id), answer())))

    async def settle(self):
        for _ in range(20):
            await asyncio.sleep(0)

    async def end(self, *names):
        for name in names:
            self.gates[name].set()
        await self.settle()

    async def finish(self):
        for gate in self.gates.values():
            gate.set()
        return await asyncio.gather(*self.tasks, return_exceptions=True)


async def test_one_chat_is_answered_in_order():
    work = Work(OrderedUpdates())
    for name in "abc":
        work.take(1, name)
    await work.settle()
    assert work.started == ["a"]
    await work.end("a")
    assert work.started == ["a", "b"]
    await work.finish()
    assert work.started == ["a", "b", "c"]


async def test_a_chat_that_writes_much_does_not_keep_others_waiting():
    work = Work(OrderedUpdates(chats_at_once=2))
    for number in range(50):
        work.take(1, f"flood {number}")
    work.take(2, "other")
    await work.settle()
    assert work.started == ["flood 0", "other"]
    await work.finish()


async def test_only_so_many_chats_are_answered_at_once():
    work = Work(OrderedUpdates(chats_at_once=2))
    for chat in (1, 2, 3):
        work.take(chat, chat)
    await work.settle()
    assert work.started == [1, 2]
    await work.end(1)
    assert work.started == [1, 2, 3]
    await work.finish()


async def test_a_failure_lets_the_next_update_of_the_chat_through():
    work = Work(OrderedUpdates())
    work.take(1, "bad", fails=True)
    work.take(1, "good")
    results = await work.finish()
    assert isinstance(results[0], RuntimeError)
    assert work.started == ["bad", "good"]


async def test_nothing_is_kept_of_chats_that_are_done():
    processor = OrderedUpdates()
    work = Work(processor)
    work.take(1, "a")
    await work.finish()
    assert processor._last == {}
